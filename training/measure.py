"""A small reader of pictures, trained on true renders, that says how often samples show what was asked for."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from training import codec, sheet
from training.train_codec import paint_many
from training.world import captions
from training.world.colours import COLOURS
from training.world.places import PLACES
from training.world.scene import World, make, rng_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffusers import StableDiffusionPipeline

GROUNDS: Final = (*PLACES, *COLOURS)


@dataclass(frozen=True)
class Score:
    """Shares of samples read as asked for: per noun, over all nouns, and of grounds; and how seeds differ.

    `spread` is the mean distance between the reader's features of two seeds of one prompt, divided by the same
    figure for true renders of one caption.
    """

    nouns: dict[str, float]
    noun: float
    ground: float
    spread: float


class Reader(nn.Module):
    """Reads the noun and the ground of a picture with one object."""

    def __init__(self, nouns: Sequence[str]) -> None:
        super().__init__()
        self.nouns = list(nouns)
        widths = (3, 32, 64, 96, 128)
        self.body = nn.Sequential(
            *[
                layer
                for a, b in itertools.pairwise(widths)
                for layer in (
                    nn.Conv2d(a, b, 3, 2, 1),
                    nn.GroupNorm(8, b),
                    nn.SiLU(),
                    nn.Conv2d(b, b, 3, 1, 1),
                    nn.SiLU(),
                )
            ]
        )
        self.noun = nn.Linear(128, len(self.nouns))
        self.ground = nn.Linear(128, len(GROUNDS))

    def features(self, images: Tensor) -> Tensor:
        """Map (n, 3, 64, 64) in [-1, 1] to (n, 128)."""
        return self.body(images).amax((2, 3))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of nouns and of grounds."""
        features = self.features(images)
        return self.noun(features), self.ground(features)


def _single(world: World) -> World:
    return World(world.nouns, world.art, (0, 1, 0, 0), tinted=world.tinted, styled=0, sized=0.2, held_out=0)


def train_reader(world: World, scenes: int = 16000, epochs: int = 6) -> tuple[Reader, float]:
    """Train a reader on single objects of `world`; return it with its accuracy on 1000 unseen renders."""
    torch.manual_seed(17)
    world = _single(world)
    reader = Reader(world.nouns)
    optimiser = torch.optim.AdamW(reader.parameters(), lr=2e-3, weight_decay=0.02)
    images = paint_many(world, 77, range(scenes))
    told = [make(world, 77, i) for i in range(scenes)]
    nouns = torch.tensor([world.nouns.index(scene.things[0].noun) for scene in told])
    grounds = torch.tensor([GROUNDS.index(scene.ground) for scene in told])
    steps = epochs * scenes // 64
    for step in range(steps):
        picks = torch.randint(scenes, (64,))
        noun, ground = reader(codec.to_tensor(images[picks.numpy()]))
        loss = F.cross_entropy(noun, nouns[picks]) + F.cross_entropy(ground, grounds[picks])
        optimiser.zero_grad()
        loss.backward()
        optimiser.param_groups[0]["lr"] = 2e-3 * min(1.0, 2 * (1 - step / steps))
        optimiser.step()
    with torch.no_grad():
        noun, _ = reader(codec.to_tensor(paint_many(world, 78, range(1000))))
    right = [
        world.nouns[k] == make(world, 78, i).things[0].noun for i, k in enumerate(noun.argmax(1).tolist())
    ]
    return reader.eval(), float(np.mean(right))


def prompts(world: World) -> list[tuple[str, str, str]]:
    """Return (noun, ground, prompt): each noun once on a place and once on a plain colour."""
    rng = rng_of(0, 0)
    asked: list[tuple[str, str, str]] = []
    for i, noun in enumerate(world.nouns):
        place, colour = list(PLACES)[i % len(PLACES)], list(COLOURS)[(5 * i) % len(COLOURS)]
        thing = captions.thing_phrase(noun, None, None, rng)
        asked.append((noun, place, f"{thing} {captions.PLACE_WORDS[place][0][0]}"))
        asked.append((noun, colour, f"{thing} on {captions.plain_phrase(colour)}"))
    return asked


@torch.no_grad()
def score(
    pipe: StableDiffusionPipeline, reader: Reader, world: World, guidance: float, seeds: int = 4
) -> Score:
    """Sample every prompt with every seed and read the pictures."""
    asked = prompts(world)
    rows = sheet.sample(pipe, [prompt for _, _, prompt in asked], range(seeds), guidance)
    right: dict[str, list[bool]] = {noun: [] for noun in world.nouns}
    grounds: list[bool] = []
    spreads: list[float] = []
    for (noun, ground, _), images in zip(asked, rows, strict=True):
        pixels = codec.to_tensor(np.stack([np.asarray(image) for image in images]))
        for k, g in zip(*(logits.argmax(1).tolist() for logits in reader(pixels)), strict=True):
            right[noun].append(reader.nouns[k] == noun)
            grounds.append(GROUNDS[g] == ground)
        spreads.append(_spread(reader.features(pixels)))
    nouns = {noun: float(np.mean(hits)) for noun, hits in right.items()}
    ratio = float(np.mean(spreads)) / _true_spread(reader, world)
    return Score(nouns, float(np.mean(list(nouns.values()))), float(np.mean(grounds)), ratio)


def _spread(features: Tensor) -> float:
    return torch.pdist(F.normalize(features, dim=1)).mean().item()


def _true_spread(reader: Reader, world: World) -> float:
    """Return the spread of true renders that share noun and ground, from scenes that happen to."""
    groups: dict[tuple[str, str], list[int]] = {}
    single = _single(world)
    for i in range(4000):
        scene = make(single, 79, i)
        if scene.things[0].colour is None:
            groups.setdefault((scene.things[0].noun, scene.ground), []).append(i)
    spreads: list[float] = []
    for members in list(groups.values())[:60]:
        if len(members) > 1:
            images = np.concatenate([paint_many(single, 79, range(i, i + 1)) for i in members[:4]])
            spreads.append(_spread(reader.features(codec.to_tensor(images))))
    return float(np.mean(spreads))
