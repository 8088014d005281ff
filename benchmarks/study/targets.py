"""Hidden scenes, and how little of each the user puts into words."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from training import codec
from training.train_codec import paint_many
from training.world.nouns import NOUNS, article
from training.world.scene import SECOND_STAGE, Scene, World, make

SEED = 4242  # of the scenes: nothing was trained on it


@dataclass(frozen=True, slots=True)
class Target:
    """A scene that the user has in mind.

    Attributes:
        index: of the scene in its world.
        prompt: what the user says: the things alone. Place, colours, sizes and positions are found by picking.
        image: (3, H, W) in [0, 1].
    """

    index: int
    prompt: str
    image: Tensor


WORLD = World(
    nouns=SECOND_STAGE.nouns,
    art=SECOND_STAGE.art,
    count=(0.0, 0.6, 0.4, 0.0),
    tinted=0.3,
    styled=0.0,
    plain=0.4,
    sized=0.3,
    held_out=0.0,
    apart=SECOND_STAGE.apart,
)


def targets(count: int, known: frozenset[str] | None) -> list[Target]:
    """The first `count` scenes whose nouns the model knows (None: any)."""
    found: list[tuple[int, str]] = []
    index = 0
    while len(found) < count:
        scene = make(WORLD, SEED, index)
        if known is None or all(thing.noun in known for thing in scene.things):
            found.append((index, spoken(scene)))
        index += 1
    images = (codec.to_tensor(paint_many(WORLD, SEED, [i for i, _ in found])) + 1) / 2
    return [Target(i, prompt, image) for (i, prompt), image in zip(found, images.clamp(0, 1), strict=True)]


def spoken(scene: Scene) -> str:
    """The things of a scene: "a fox and some grapes"."""
    said = [f"{'some' if NOUNS[t.noun].plural else article(t.noun)} {t.noun}" for t in scene.things]
    return " and ".join(said)


def stacked(images: list[Tensor]) -> Tensor:
    """Images as one batch."""
    return torch.stack(images)
