"""What is asked of a model, and what a picture must show to be right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

CATEGORIES: Final = ("noun", "colour", "pair", "relation", "style", "place")
TINTS: Final = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
PLURAL: Final = frozenset({"cherries", "grapes"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One prompt and what it asks for.

    Args:
        prompt: the text.
        category: the row of the score sheet it counts in.
        nouns: things that must be seen.
        colour: of the first noun; None is not asked for.
        relation: where the first noun stands as seen from the second; None is not asked for.
        ground: place or background colour; None is not asked for.
        style: None is not asked for.
    """

    prompt: str
    category: str
    nouns: tuple[str, ...] = ()
    colour: str | None = None
    relation: str | None = None
    ground: str | None = None
    style: str | None = None


def emoji_asks(
    vocabulary: Path | Mapping[str, Any], count: int = 64, seed: int = 0, nouns: Sequence[str] | None = None
) -> list[Ask]:
    """The fixed questions to a model of the emoji world.

    Every noun once for "noun", `count` prompts for each other category, drawn by seed, nouns equally often.
    Single nouns stand on a place or a plain colour in turn.

    Args:
        vocabulary: the model's vocabulary.json, or what is in it.
        count: prompts per category.
        seed: draws the combinations.
        nouns: the nouns to ask for; None is all the model knows.
    """
    said: Mapping[str, Any] = (
        json.loads(vocabulary.read_text(encoding="utf-8")) if isinstance(vocabulary, Path) else vocabulary
    )
    return _Asker(said, count, seed, tuple(nouns or said["nouns"])).all()


class _Asker:
    def __init__(self, said: Mapping[str, Any], count: int, seed: int, nouns: tuple[str, ...]) -> None:
        self._places: dict[str, str] = {place: forms[0] for place, forms in said["places"].items()}
        self._colours: list[str] = list(said["colours"])
        self._styles: dict[str, str] = {style: forms[0] for style, forms in said["styles"].items()}
        self._relations: dict[str, str] = {key: forms[0] for key, forms in said["relations"].items()}
        self._count, self._nouns = count, nouns
        self._rng = np.random.default_rng([seed, 20])

    def all(self) -> list[Ask]:
        return [
            *(self._on_ground("noun", noun, i) for i, noun in enumerate(self._nouns)),
            *(self._coloured(noun) for noun in self._spread()),
            *(self._pair("pair", *two) for two in self._pairs()),
            *(self._pair("relation", *two) for two in self._pairs()),
            *(self._styled(noun, i) for i, noun in enumerate(self._spread())),
            *(self._on_ground("place", noun, i) for i, noun in enumerate(self._spread())),
        ]

    def _spread(self) -> list[str]:
        """`count` nouns, each equally often, in random order."""
        rounds = -(-self._count // len(self._nouns))
        order = [self._nouns[i] for _ in range(rounds) for i in self._rng.permutation(len(self._nouns))]
        return order[: self._count]

    def _pairs(self) -> list[tuple[str, str]]:
        firsts, pairs = self._spread(), list[tuple[str, str]]()
        for first in firsts:
            others = [noun for noun in self._nouns if noun != first]
            pairs.append((first, self._one(others)))
        return pairs

    def _one(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _on_ground(self, category: str, noun: str, i: int) -> Ask:
        if i % 2:
            ground = self._colours[(5 * i // 2) % len(self._colours)]
            where = f"on {phrase(ground)} background"
        else:
            ground = list(self._places)[(i // 2) % len(self._places)]
            where = self._places[ground]
        return Ask(f"{phrase(noun)} {where}", category, (noun,), ground=ground)

    def _coloured(self, noun: str) -> Ask:
        colour = self._one(TINTS)
        ground = self._one([c for c in self._colours if c != colour])
        return Ask(
            f"{phrase(colour, noun)} on {phrase(ground)} background", "colour", (noun,), colour, ground=ground
        )

    def _pair(self, category: str, a: str, b: str) -> Ask:
        ground = self._one(list(self._places))
        relation = self._one(list(self._relations)) if category == "relation" else None
        joined = self._relations[relation] if relation else "and"
        prompt = f"{phrase(a)} {joined} {phrase(b)} {self._places[ground]}"
        return Ask(prompt, category, (a, b), relation=relation, ground=ground)

    def _styled(self, noun: str, i: int) -> Ask:
        style = list(self._styles)[i % len(self._styles)]
        return Ask(self._styles[style].format(phrase(noun)), "style", (noun,), style=style)


def phrase(*words: str) -> str:
    """The words with their article: "a fox", "an owl", "some grapes"."""
    if words[-1] in PLURAL:
        return " ".join(("some", *words))
    vowel = words[0][0] in "aeiou" and words[0] != "unicorn"
    return " ".join(("an" if vowel else "a", *words))
