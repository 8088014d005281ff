"""What the studies of optimisation share: pictures by way, trials kept line by line, paired differences, scores.

Scores come from `judge` and the scene reader, never from what is optimised.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.engine.load import EMBEDDED, fingerprint
from guidewidgets.guide.optimisation import Optimisation
from guidewidgets.vision import embedded

DRAWS = 4000
Scores = dict[str, list[float]]
"""By name, one number per seed."""


class TimeUpError(Exception):
    """The minutes are over; what is finished is told."""


def options(doc: str | None, counts: int, steps: int, sampling_steps: int) -> argparse.Namespace:
    """Arguments that all studies take."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, default=counts, help="prompts")
    parser.add_argument("--seeds", type=int, default=4, help="of each prompt, done side by side")
    parser.add_argument("--steps", type=int, default=steps, help="updates")
    parser.add_argument("--sampling-steps", type=int, default=sampling_steps)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these, and tell")
    parser.add_argument("--fresh", action="store_true", help="begin again")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def settings(engine: Engine, told: argparse.Namespace) -> dict[str, Any]:
    """What a diary is valid for: all weights, and how they are used."""
    eyes = [embedded.guide().model, embedded.judge().model]
    eyes += [net for make in (embedded.classifier, embedded.reader) for net in modules(make())]
    numbers = {name: getattr(told, name) for name in ("seeds", "steps", "sampling_steps")}
    return numbers | {"model": engine.revision, "eyes": fingerprint(eyes)}


def modules(holder: object) -> list[torch.nn.Module]:
    """The networks an object holds."""
    return [value for value in vars(holder).values() if isinstance(value, torch.nn.Module)]


class Diary:
    """Results by key, one JSON line each: an interrupted study goes on where it was."""

    def __init__(
        self, path: Path, settings: dict[str, Any], *, fresh: bool, minutes: float = float("inf")
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.spent = 0.0  # seconds of the CPU on what is in it
        self._end = time.monotonic() + 60 * minutes
        self._rows: dict[str, Scores] = {}
        kept = path.read_text().splitlines() if path.is_file() and not fresh else []
        if kept and json.loads(kept[0]) != settings:
            print(f"{path.name} is of other settings: begun again")
            kept = []
        if not kept:
            path.write_text(json.dumps(settings) + "\n")
        for line in kept[1:]:
            row = json.loads(line)
            self._rows[row["key"]] = row["scores"]
            self.spent += row["seconds"]

    def get(self, key: str, make: Callable[[], Scores]) -> Scores:
        """What is noted under a key; made and noted where it is not.

        Raises:
            TimeUpError: it would have to be made, and the minutes are over.
        """
        if key not in self._rows:
            if time.monotonic() > self._end:
                raise TimeUpError
            begun = time.process_time()
            scores = {name: [round(float(v), 6) for v in values] for name, values in make().items()}
            seconds = round(time.process_time() - begun, 2)
            with self.path.open("a") as file:
                file.write(json.dumps({"key": key, "seconds": seconds, "scores": scores}) + "\n")
            self._rows[key] = scores
            self.spent += seconds
        return self._rows[key]


def best_of(run: Optimisation) -> Tensor:
    """Of each image the step of the least loss, by the parts of the first step: what a user would get."""
    least: list[float] = []
    found: list[Tensor] = []
    names: tuple[str, ...] = ()
    for step in run:
        terms = run.records[-1].terms
        names = names or tuple(name for name in terms if name not in ("salient", "relation"))
        losses = run.losses.total({name: terms[name] for name in names}).tolist()
        if not found:
            least, found = losses, list(step.image)
        for i, loss in enumerate(losses):
            if loss < least[i]:
                least[i], found[i] = loss, step.image[i]
    return torch.stack(found)


def paired(ours: Sequence[float], theirs: Sequence[float], blocks: Sequence[int]) -> dict[str, Any]:
    """Mean of ours - theirs with a 95 % bootstrap interval over blocks (prompts), and the share of wins."""
    difference = np.asarray(ours, float) - np.asarray(theirs, float)
    _, place = np.unique(np.asarray(blocks), return_inverse=True)
    sums, counts = np.bincount(place, difference), np.bincount(place)
    drawn = np.random.default_rng(0).integers(0, len(sums), (DRAWS, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "n": len(difference),
        "blocks": len(sums),
        "mean": round(float(difference.mean()), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "wins": round(float(((difference > 0) + 0.5 * (difference == 0)).mean()), 3),
    }


def table(done: Sequence[dict[str, Scores]], ours: str) -> dict[str, Any]:
    """Means by score and way, and what `ours` has before each other way; `done`: way → scores, prompt by prompt."""
    if not done:
        return {"prompts": 0}
    told: dict[str, Any] = {"prompts": len(done)}
    for score in done[0][ours]:
        flat = {way: [v for unit in done for v in unit[way][score]] for way in done[0]}
        blocks = [i for i, unit in enumerate(done) for _ in unit[ours][score]]
        told[score] = {way: round(sum(values) / len(values), 4) for way, values in flat.items()}
        for way, values in flat.items():
            if way != ours:
                told[score][f"{ours} - {way}"] = paired(flat[ours], values, blocks)
    return told


def two_nouns(count: int) -> list[tuple[str, str, str]]:
    """Prompts of two nouns the model reads, and the nouns; the same for everybody."""
    nouns = readable()
    rng = np.random.default_rng(5)
    pairs = [(a, b) for a in nouns for b in nouns if a < b]
    chosen = [pairs[i] for i in rng.permutation(len(pairs))[:count]]
    return [(f"{one(x)} and {one(y)}", x, y) for x, y in chosen]


def readable() -> list[str]:
    """Nouns that the embedded model has learned to paint and the scene reader knows; its text encoder has read more."""
    learned = json.loads((EMBEDDED / "vocabulary.json").read_text(encoding="utf-8"))["nouns"]
    reader = embedded.reader()
    with torch.no_grad():
        (blank,) = reader.read(torch.full((1, 3, 64, 64), 0.5))
    return sorted(noun for noun in blank.nouns if noun in learned)


def one(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def presence(images: Tensor, noun: str) -> list[float]:
    """How sure the scene reader is that a noun is in each image (n, 3, H, W)."""
    return [scene.nouns[noun] for scene in embedded.reader().read(images)]


def judged(images: Tensor, text: str) -> list[float]:
    """Cosine of each image (n, 3, H, W) and a text as the judge sees them."""
    judge = embedded.judge()
    with torch.no_grad():
        return (judge.images(images) @ judge.texts([text]).T)[:, 0].tolist()


def finish(name: str, figures: dict[str, Any], out: Path) -> None:
    """Print, and keep where results are kept; elsewhere as plain JSON."""
    if out == RESULTS:
        write(name, figures)
    else:
        (out / f"{name}.json").write_text(json.dumps(figures, indent=1))
        print(json.dumps(figures, indent=1))
