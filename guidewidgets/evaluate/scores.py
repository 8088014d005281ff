"""`score_sheet`: does a model paint what it is asked for? The same questions and rules for every engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.evaluate.asks import CATEGORIES, Ask, emoji_asks
from guidewidgets.evaluate.atoms import MarksAtoms, atom_rows
from guidewidgets.evaluate.row import Row, make_row
from guidewidgets.evaluate.sheet import ScoreSheet

if TYPE_CHECKING:
    from guidewidgets.engine import Engine
    from guidewidgets.vision.encoder import ClipEncoder

SAYS = {
    "noun": "the noun is there, and surer than every other noun",
    "colour": "the noun is there and was tinted with the colour",
    "pair": "both nouns are there",
    "relation": "both nouns are there, the first where it should be as seen from the second",
    "style": "the picture is in the style",
    "place": "the ground is the place or the plain colour",
    "diversity": "mean distance of the judge's vectors between seeds of one prompt, over that of true renders",
    "judge": "mean cosine of the judge's vectors of picture and prompt",
}
CHUNK = 16


class Scorer(Protocol):
    """Says which pictures (n, 3, H, W) in [0, 1] show what was asked, one mark in [0, 1] each.

    One that has `atoms(images, ask)` too, marks of each picture for every single thing that was asked for, adds two
    rows: the mean of a picture's atoms, and their geometric mean, in which one that is missing counts for all.
    """

    def __call__(self, images: Tensor, ask: Ask) -> Sequence[float]:
        """Mark the pictures of one ask."""
        ...


@dataclass(frozen=True, slots=True)
class Truth:
    """The same figures for true renders of what is asked, measured once when the embedded nets were made.

    Args:
        ceilings: category → score of true renders; also "judge".
        spread: mean distance of the judge's vectors between true renders of one prompt.
    """

    ceilings: dict[str, float] = field(default_factory=dict)
    spread: float | None = None

    @classmethod
    def embedded(cls) -> Truth:
        """Read the figures that come with the embedded reader and judge."""
        file = EMBEDDED.parent / "reader" / "truth.json"
        data = json.loads(file.read_text(encoding="utf-8"))
        return cls({str(k): float(v) for k, v in data["ceilings"].items()}, float(data["spread"]))


class ReaderScorer:
    """Marks pictures of the emoji world with the embedded scene reader, by the rules of `SAYS`."""

    def __init__(self) -> None:
        from guidewidgets.vision import embedded

        self._reader = embedded.reader()

    def __call__(self, images: Tensor, ask: Ask) -> list[float]:
        """See `Scorer`."""
        marks: list[bool] = []
        for seen in self._reader.read(images):
            match ask.category:
                case "colour":
                    marks.append(seen.colours.get(ask.nouns[0], "absent") == ask.colour)
                case "pair":
                    marks.append(set(ask.nouns) <= set(seen.present))
                case "relation":
                    marks.append(seen.relation(ask.nouns[0], ask.nouns[1]) == ask.relation)
                case "style":
                    marks.append(seen.style == ask.style)
                case "place":
                    marks.append(seen.ground == ask.ground)
                case _:
                    marks.append(seen.present[:1] == list(ask.nouns))
        return [float(mark) for mark in marks]

    def atoms(self, images: Tensor, ask: Ask) -> list[list[float]]:
        """See `MarksAtoms`: each noun, and the colour, relation, style and ground that are asked for."""
        found: list[list[float]] = []
        for seen in self._reader.read(images):
            there = [noun in seen.present for noun in ask.nouns]
            if ask.colour is not None:
                there.append(seen.colours.get(ask.nouns[0], "absent") == ask.colour)
            if ask.relation is not None:
                there.append(seen.relation(ask.nouns[0], ask.nouns[1]) == ask.relation)
            if ask.style is not None:
                there.append(seen.style == ask.style)
            if ask.ground is not None:
                there.append(seen.ground == ask.ground)
            found.append([float(one) for one in there])
        return found


def score_sheet(
    engine: Engine,
    asks: Sequence[Ask] | None = None,
    scorer: Scorer | None = None,
    judge: ClipEncoder | None = None,
    seeds: int = 2,
    noun_seeds: int = 8,
    steps: int | None = None,
    guidance: float | None = None,
    truth: Truth | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ScoreSheet:
    """Ask a model for many things, look at every picture, and count.

    Args:
        engine: the model. For the embedded one, and any model with its vocabulary, all else has defaults.
        asks: what to ask; None is `emoji_asks` of the embedded vocabulary.
        scorer: marks the pictures; None is the embedded scene reader, which knows the emoji world only.
        judge: measures diversity and captions; None is the embedded judge, if the asks are the default ones.
        seeds: pictures per prompt.
        noun_seeds: pictures per prompt of the category "noun"; diversity is measured on them.
        steps: denoising steps; None is the model's default.
        guidance: guidance scale; None is the model's default.
        truth: figures of true renders to show beside; None are those of the embedded world, for the default asks.
        on_progress: told (pictures done, pictures in all) now and then.

    Returns:
        A table with bootstrap intervals; `print` it, show it, or call `.figure()`.

    Raises:
        ValueError: a model of another vocabulary without asks and scorer, or no asks, or seeds < 1.
    """
    check_number("seeds", seeds, 1)
    check_number("noun_seeds", noun_seeds, 1)
    if asks is None or scorer is None or judge is None:
        own = json.loads((EMBEDDED / "vocabulary.json").read_text(encoding="utf-8"))
        if engine.vocabulary.words != frozenset(own["words"]) and (asks is None or scorer is None):
            raise ValueError(
                f"{engine.id} is not a model of the emoji world: give asks=[Ask(...), ...] and scorer=, a function of "
                "pictures and an Ask"
            )
        if asks is None:
            asks = emoji_asks(own)
            truth = truth or Truth.embedded()
        if scorer is None:
            from guidewidgets.vision import embedded

            scorer, judge = ReaderScorer(), judge or embedded.judge()
    if not asks:
        raise ValueError("asks: expected at least one")
    total = sum(noun_seeds if ask.category == "noun" else seeds for ask in asks)
    done = 0

    def paint(ask: Ask) -> Tensor:
        nonlocal done
        n = noun_seeds if ask.category == "noun" else seeds
        noise = engine.noise(n, seed=0)
        chunks = [
            engine.render(part, ask.prompt, steps=steps, guidance=guidance) for part in noise.split(CHUNK)
        ]
        done += n
        if on_progress is not None:
            on_progress(done, total)
        return torch.cat(chunks)

    steps_told = engine.vocabulary.steps_with(engine.sampler) if steps is None else steps
    guidance_told = engine.vocabulary.guidance if guidance is None else guidance
    settings = f"{steps_told} steps, guidance {guidance_told:g}, {noun_seeds} seeds a noun, {seeds} elsewhere"
    return score(paint, asks, scorer, judge, truth or Truth(), f"{engine.id}#{engine.revision}", settings)


def score(
    paint: Callable[[Ask], Tensor],
    asks: Sequence[Ask],
    scorer: Scorer,
    judge: ClipEncoder | None,
    truth: Truth,
    model: str,
    settings: str,
) -> ScoreSheet:
    """The sheet of whatever paints: an engine, or the program that paints true renders."""
    marks: dict[str, list[list[float]]] = {}
    spreads: list[list[float]] = []
    matches: list[list[float]] = []
    nouns: dict[str, list[float]] = {}
    atoms: list[Sequence[Sequence[float]]] = []
    for ask in asks:
        images = paint(ask).clamp(0, 1)
        right = [float(mark) for mark in scorer(images, ask)]
        marks.setdefault(ask.category, []).append(right)
        if isinstance(scorer, MarksAtoms) and all(map(len, found := scorer.atoms(images, ask))):
            atoms.append(found)
        if ask.category == "noun":
            nouns.setdefault(ask.nouns[0], []).extend(right)
        if judge is not None:
            vectors = judge.images(images)
            matches.append((vectors @ judge.texts([ask.prompt])[0]).tolist())
            if ask.category == "noun" and len(images) > 1:
                spreads.append(torch.pdist(vectors).tolist())
    order = [c for c in CATEGORIES if c in marks] + sorted(set(marks) - set(CATEGORIES))
    rows = [make_row(c, SAYS.get(c, c), marks[c], truth.ceilings.get(c)) for c in order]
    if atoms:
        rows += [replace(row, ceiling=truth.ceilings.get(row.category)) for row in atom_rows(atoms)]
    rows += _judged(spreads, matches, truth)
    return ScoreSheet(model, settings, tuple(rows), {noun: sum(m) / len(m) for noun, m in nouns.items()})


def _judged(spreads: list[list[float]], matches: list[list[float]], truth: Truth) -> list[Row]:
    rows: list[Row] = []
    if spreads:
        # Without a figure for true renders the distance itself is told.
        scale, ceiling = (1 / truth.spread, 1.0) if truth.spread else (1.0, None)
        rows.append(make_row("diversity", SAYS["diversity"], spreads, ceiling, scale, (0.0, 2.0)))
    if matches:
        rows.append(
            make_row("judge", SAYS["judge"], matches, truth.ceilings.get("judge"), bounds=(-1.0, 1.0))
        )
    return rows
