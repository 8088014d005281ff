"""Scenes as data: what stands where, of which colour, on which ground, in which style."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from training.world.colours import COLOURS, TINTS
from training.world.nouns import FIRST, HELD_OUT, NAMED
from training.world.places import PLACES
from training.world.styles import COLOURLESS, STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator

RELATIONS: Final = ("left", "right", "above", "below")
# Width of an object as a share of the picture's side.
SINGLE: Final = {"small": (0.36, 0.44), None: (0.48, 0.7), "big": (0.76, 0.92)}
PAIR: Final = {"small": (0.26, 0.32), None: (0.36, 0.46), "big": (0.47, 0.53)}


@dataclass(frozen=True)
class Thing:
    """One object of a scene; positions and width are shares of the picture's side, angle in degrees."""

    noun: str
    colour: str | None
    size: str | None
    x: float
    y: float
    width: float
    angle: float
    mirror: bool


@dataclass(frozen=True)
class Scene:
    """Everything there is to know about one picture.

    `relation` says where the first thing stands as seen from the second ("left": to the left of it).
    `ground` is a place or a plain colour; `grain` seeds the details of the ground.
    """

    things: tuple[Thing, ...]
    relation: str | None
    ground: str
    art: str
    style: str | None
    grain: int


@dataclass(frozen=True)
class World:
    """Which scenes occur, and how often. The defaults are the whole world."""

    nouns: tuple[str, ...] = NAMED
    art: Mapping[str, float] = field(default_factory=lambda: {"flat": 0.45, "glossy": 0.2, "cartoon": 0.35})
    count: tuple[float, float, float, float] = (0.03, 0.52, 0.37, 0.08)  # 0, 1, 2, 3 objects
    tinted: float = 0.25
    styled: float = 0.15
    plain: float = 0.4
    sized: float = 0.25
    held_out: float = 0.03


FIRST_STAGE: Final = World(
    nouns=tuple(FIRST),
    art={"flat": 1.0},
    count=(0.02, 0.73, 0.25, 0.0),
    tinted=0.2,
    styled=0.08,
    sized=0.2,
    held_out=0.02,
)


def rng_of(seed: int, index: int, stream: int = 0) -> Generator:
    """Return the generator of scene `index`; streams: 0 the scene, 1 and up its captions."""
    return np.random.default_rng([seed, index, stream])


def make(world: World, seed: int, index: int) -> Scene:
    """Return scene number `index` of a world; the same arguments always give the same scene."""
    rng = rng_of(seed, index)
    style = str(rng.choice(list(STYLES))) if rng.random() < world.styled else None
    plain = rng.random() < world.plain
    ground = str(rng.choice(list(COLOURS) if plain else list(PLACES)))
    art = str(rng.choice(list(world.art), p=list(world.art.values())))
    things, relation = _things(world, rng, style, ground)
    return Scene(things, relation, ground, art, style, int(rng.integers(2**31)))


def _things(
    world: World, rng: Generator, style: str | None, ground: str
) -> tuple[tuple[Thing, ...], str | None]:
    if rng.random() < world.held_out:
        nouns, relation = [str(rng.choice(HELD_OUT))], None
    else:
        n = int(rng.choice(4, p=world.count))
        nouns = [str(word) for word in rng.choice(world.nouns, n, replace=n > len(world.nouns))]
        relation = str(rng.choice(RELATIONS)) if n == 2 else None
    frames = _frames(world, rng, len(nouns), relation)
    return tuple(
        Thing(
            noun=noun,
            colour=_colour(world, rng, style, ground),
            size=size,
            x=x,
            y=y,
            width=width,
            angle=float(rng.uniform(-9, 9)),
            mirror=bool(rng.random() < 0.5),
        )
        for noun, (size, x, y, width) in zip(nouns, frames, strict=True)
    ), relation


def _colour(world: World, rng: Generator, style: str | None, ground: str) -> str | None:
    if rng.random() >= world.tinted or style in COLOURLESS:
        return None
    return str(rng.choice([tint for tint in TINTS if tint != ground]))


def _frames(
    world: World, rng: Generator, n: int, relation: str | None
) -> list[tuple[str | None, float, float, float]]:
    """Return (size word, x, y, width) of each of n objects."""
    sized = rng.random() < world.sized
    if n == 1:
        size = ("small", "big")[int(rng.integers(2))] if sized else None
        width = float(rng.uniform(*SINGLE[size]))
        low, high = width / 2 - 0.02, 1.02 - width / 2
        return [(size, float(rng.uniform(low, high)), float(rng.uniform(low, high)), width)]
    if relation is not None:
        sizes: tuple[str | None, str | None] = (None, None)
        if sized:
            sizes = ("small", "big") if rng.random() < 0.5 else ("big", "small")
        near, far = rng.uniform(0.2, 0.29), rng.uniform(0.71, 0.8)
        along = (near, far) if relation in {"left", "above"} else (far, near)
        across = 0.5 + rng.uniform(-0.13, 0.13) + rng.uniform(-0.06, 0.06, 2)
        frames: list[tuple[str | None, float, float, float]] = []
        for size, a, b in zip(sizes, along, across, strict=True):
            x, y = (a, b) if relation in {"left", "right"} else (b, a)
            frames.append((size, float(x), float(y), float(rng.uniform(*PAIR[size]))))
        return frames
    corners = rng.permutation([(0.24, 0.27), (0.76, 0.27), (0.5, 0.75)])[:n]
    if rng.random() < 0.5:
        corners[:, 1] = 1 - corners[:, 1]
    spots = corners + rng.uniform(-0.04, 0.04, (n, 2))
    return [(None, float(x), float(y), float(rng.uniform(0.32, 0.4))) for x, y in spots]
