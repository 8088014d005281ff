"""What a scene or a caption says, as a set of numbered facts: "fox", "fox red", "fox left", "beach", "neon"."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from training.world import captions
from training.world.colours import COLOURS, TINTS
from training.world.nouns import NAMED, NOUNS
from training.world.places import PLACES
from training.world.scene import OPPOSITE, RELATIONS
from training.world.styles import COLOURLESS, STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from training.world.scene import Scene


@cache
def numbers() -> dict[str, int]:
    """Return fact → its number; a fact about a noun begins with the noun."""
    about = ("", *(f" {word}" for word in (*TINTS, *captions.SIZE_WORDS, *RELATIONS)))
    facts = [f"{noun}{what}" for noun in NAMED for what in about]
    return {fact: i for i, fact in enumerate([*facts, *PLACES, *COLOURS, *STYLES, *captions.ART_FORMS])}


def _of(
    things: Iterable[tuple[str, str | None, str | None]], relation: str | None, rest: Iterable[str | None]
) -> list[int]:
    number = numbers()
    facts = [fact for fact in rest if fact]
    for i, (noun, colour, size) in enumerate(things):
        if NOUNS[noun].held_out:
            continue  # the word is never read, so what the picture shows has no name
        side = relation if i == 0 or relation is None else OPPOSITE[relation]
        facts += [noun, *(f"{noun} {word}" for word in (colour, size, side) if word)]
    return [number[fact] for fact in facts]


def of_scene(scene: Scene) -> list[int]:
    """Return the facts a picture of the scene shows."""
    ground = None if scene.style in COLOURLESS and scene.ground in COLOURS else scene.ground
    things = [(thing.noun, thing.colour, thing.size) for thing in scene.things]
    return _of(things, scene.relation, (ground, scene.style, scene.art))


def of_text(text: str) -> list[int]:
    """Return the facts a caption states."""
    said = captions.read(text)
    return _of(said.things, said.relation, (said.ground, said.style, said.art))


def hot(rows: list[list[int]]) -> Tensor:
    """Return (n, facts) float32 with 1 where a fact holds."""
    out = torch.zeros(len(rows), len(numbers()))
    for i, row in enumerate(rows):
        out[i, row] = 1
    return out
