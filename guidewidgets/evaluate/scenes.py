"""Trials of the composition benchmark that ask for more than nouns: where one stands, on what ground, in what style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from guidewidgets.evaluate.asks import TINTS, phrase
from guidewidgets.evaluate.composition import PART, pair_trials
from guidewidgets.prompt import And, Prompt

if TYPE_CHECKING:
    from guidewidgets.vision.reader import Reading

RELATIONS: Final = {
    "left": ("to the left of", "left", "right"),
    "right": ("to the right of", "right", "left"),
    "above": ("above", "top", "bottom"),
    "below": ("below", "bottom", "top"),
}
"""What the reader says → the words, the half of the first noun, the half of the second."""


@final
@dataclass(frozen=True, slots=True)
class Related:
    """Two nouns, and where the first stands as seen from the second.

    Args:
        wanted: the nouns.
        relation: "left", "right", "above" or "below".
        group: which table it counts in.
    """

    wanted: tuple[str, str]
    relation: str
    group: str = ""

    @property
    def sentence(self) -> Prompt:
        """In words, "a fox to the left of an owl"."""
        first, second = map(phrase, self.wanted)
        return Prompt(f"{first} {RELATIONS[self.relation][0]} {second}")

    @property
    def conjunction(self) -> Prompt:
        """By regions, "a fox @left AND an owl @right"."""
        return self._in_halves("{}")

    @property
    def pictured(self) -> Prompt:
        """By regions too, "a picture with a fox @left AND a picture with an owl @right"."""
        return self._in_halves(PART)

    def marks(self, seen: Reading) -> dict[str, bool]:
        """`right`: they stand as asked; `kept`: both are there."""
        return {
            "right": seen.relation(*self.wanted) == self.relation,
            "kept": set(self.wanted) <= set(seen.present),
        }

    def _in_halves(self, form: str) -> Prompt:
        halves = RELATIONS[self.relation][1:]
        parts = [Prompt(form.format(phrase(noun))) for noun in self.wanted]
        return And(*(part.at(half) for part, half in zip(parts, halves, strict=True)))


@final
@dataclass(frozen=True, slots=True)
class Staged:
    """A noun on a place or a plain colour, perhaps tinted, perhaps in a style.

    Args:
        noun: what must be there.
        ground: place or plain colour, as the reader says it.
        where: the ground's words after a noun, "on a beach".
        alone: the ground's words by themselves, "a beach".
        colour: the noun's; None is not asked for.
        style: as the reader says it; None is not asked for.
        form: the style's words, "a sketch of {}".
        group: which table it counts in.
    """

    noun: str
    ground: str
    where: str
    alone: str
    colour: str | None = None
    style: str | None = None
    form: str = "{}"
    group: str = ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """All that is asked for."""
        return tuple(word for word in (self.colour, self.noun, self.ground, self.style) if word)

    @property
    def family(self) -> str:
        """What its stage is made of: "style", "tint", "plain colour" or "place"."""
        if self.style or self.colour:
            return "style" if self.style else "tint"
        return "plain colour" if self.alone.endswith("background") else "place"

    @property
    def sentence(self) -> Prompt:
        """In one sentence, "a sketch of a fox on a beach"."""
        return Prompt(self.form.format(f"{self._thing} {self.where}"))

    @property
    def conjunction(self) -> Prompt:
        """As concepts, "a fox AND a beach AND a sketch of a background"."""
        return self._concepts(self._thing)

    @property
    def pictured(self) -> Prompt:
        """The same with a noun that leaves all else open, "a picture with a fox AND a beach AND …"."""
        return self._concepts(PART.format(self._thing))

    def marks(self, seen: Reading) -> dict[str, bool]:
        """`right`: everything is as asked; `kept`: the noun is there."""
        kept = self.noun in seen.present
        tinted = self.colour is None or seen.colours.get(self.noun) == self.colour
        styled = self.style is None or seen.style == self.style
        return {"right": kept and tinted and styled and seen.ground == self.ground, "kept": kept}

    def _concepts(self, thing: str) -> Prompt:
        parts = [thing, self.alone, *([self.form.format("a background")] if self.style else [])]
        return And(*map(Prompt, parts))

    @property
    def _thing(self) -> str:
        return phrase(self.noun) if self.colour is None else phrase(self.colour, self.noun)


def related_trials(pairs: Sequence[tuple[str, str]], count: int, group: str, seed: int = 0) -> list[Related]:
    """Trials of two nouns in the four relations in turn; see `pair_trials`."""
    chosen = pair_trials(pairs, count, group, seed)
    names = list(RELATIONS)
    return [Related((t.wanted[0], t.wanted[1]), names[i % 4], group) for i, t in enumerate(chosen)]


def staged_trials(
    vocabulary: Mapping[str, Any], nouns: Sequence[str], count: int, group: str, seed: int = 0
) -> list[Staged]:
    """Trials of a noun and its stage: in turn a place, a plain colour, a tinted noun on a place, a style and a place.

    Args:
        vocabulary: what is in a model's vocabulary.json.
        nouns: to draw from, each equally often.
        count: how many.
        group: of the trials.
        seed: draws them.
    """
    rng, stages = np.random.default_rng([seed, 32]), np.random.default_rng([seed, 33])
    rounds = -(-count // len(nouns))
    order = [nouns[int(i)] for _ in range(rounds) for i in rng.permutation(len(nouns))][:count]
    return [_staged(vocabulary, noun, i % 4, group, stages) for i, noun in enumerate(order)]


def _staged(said: Mapping[str, Any], noun: str, kind: int, group: str, rng: np.random.Generator) -> Staged:
    def one(options: Mapping[str, Any] | Sequence[str]) -> str:
        names = list(options)
        return names[int(rng.integers(len(names)))]

    if kind == 1:
        colour = one(said["colours"])
        ground = phrase(colour, "background")
        return Staged(noun, colour, f"on {ground}", ground, group=group)
    place = one(said["places"])
    # Phrases with an article stand alone without their preposition: "on a beach", "a beach".
    where = next((form for form in said["places"][place] if len(form.split()) > 2), said["places"][place][0])
    alone = where.split(" ", 1)[1]
    if kind == 2:
        return Staged(noun, place, where, alone, colour=one(TINTS), group=group)
    if kind == 3:
        style = one(said["styles"])
        return Staged(noun, place, where, alone, style=style, form=said["styles"][style][0], group=group)
    return Staged(noun, place, where, alone, group=group)
