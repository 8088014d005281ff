"""Random crops, so that an encoder is not fooled by pixels that only one framing shows (DOODL, section 4).

Sizes are U^power between the smallest and the largest side, places uniform. The crops are drawn from a fixed seed and,
unless told otherwise, are the same at every step, so that losses can be compared; the published code draws new ones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.arguments import check_number
from guidewidgets.limits import MAX_SEED

REDUCTIONS = ("mean", "min")
MOST = 4.0
MOST_CROPS = 10_000


@dataclass(frozen=True, slots=True)
class Crops:
    """How many crops a loss looks at, and how.

    Attributes:
        num: crops per image; 0 looks at the whole image once.
        power: sizes are U^power; 0 is always the largest, 1 uniform.
        smallest: side of the smallest crop, as a share of the image's shorter side.
        largest: of the largest; above 1 the whole image stands somewhere in a frame that its edges fill.
        noise: standard deviation of noise on the pixels, each crop its own: what is only there in fine patterns is
            no longer seen.
        mirror: every other crop is turned left to right.
        fresh: new crops at every look, as in the published code: losses of single steps no longer compare, but nothing
            can be painted for a few framings alone.
        reduce: "mean" over crops, or "min", which is what the published code does.
        seed: of sizes and places.
    """

    num: int = 8
    power: float = 0.3
    smallest: float = 0.5
    reduce: str = "mean"
    seed: int = 0
    largest: float = 1.0
    noise: float = 0.0
    mirror: bool = False
    fresh: bool = False

    def __post_init__(self) -> None:
        for name, most in (("num", MOST_CROPS), ("seed", MAX_SEED)):
            object.__setattr__(self, name, check_number(name, getattr(self, name), 0, most))
        for name in ("power", "smallest", "largest", "noise"):
            check_number(name, getattr(self, name), -math.inf)
        for name in ("mirror", "fresh"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name}={getattr(self, name)!r:.60}: expected True or False")
        if (
            self.num > MOST_CROPS
            or self.power < 0
            or not 0 < self.smallest <= 1
            or self.reduce not in REDUCTIONS
        ):
            message = f"{self}: expected power ≥ 0, smallest in (0, 1], reduce one of {', '.join(REDUCTIONS)}"
            raise ValueError(message)
        if not (1 <= self.largest <= MOST and 0 <= self.noise <= 1):
            raise ValueError(f"{self}: expected largest in [1, {MOST:g}] and noise in [0, 1]")

    def loss(self, one: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        """`one` (images → losses) over the crops of each image."""
        if self.num == 0:
            return one

        looks = itertools.count()

        def over_crops(images: Tensor) -> Tensor:
            look = next(looks) if self.fresh else 0
            values = torch.stack([one(crop) for crop in self.cut(images, look)])
            return values.mean(0) if self.reduce == "mean" else values.amin(0)

        return over_crops

    def cut(self, images: Tensor, look: int = 0) -> list[Tensor]:
        """The crops of images (n, 3, H, W), each brought to the images' shorter side, (n, 3, S, S).

        Args:
            images: to cut.
            look: counts from 0; each has crops of its own.
        """
        height, width = images.shape[-2:]
        side = min(height, width)
        beyond = math.ceil((self.largest - 1) * side)
        framed = F.pad(images, (beyond,) * 4, "replicate") if beyond else images
        rng = np.random.Generator(np.random.PCG64([self.seed, look] if look else self.seed))
        grain = torch.Generator().manual_seed(((self.seed << 20) + look) % 2**63)
        crops: list[Tensor] = []
        for k in range(self.num):
            size = round(side * (self.smallest + (self.largest - self.smallest) * rng.random() ** self.power))
            top, left = (
                beyond + int(rng.integers(min(0, length - size), max(0, length - size) + 1))
                for length in (height, width)
            )
            crop = F.adaptive_avg_pool2d(framed[..., top : top + size, left : left + size], side)
            if self.mirror and k % 2:
                crop = crop.flip(-1)
            if self.noise:  # the same for all images, so that each is cut alike in any company
                added = torch.randn(crop.shape[1:], generator=grain).to(crop)
                crop = (crop + self.noise * added).clamp(0, 1)
            crops.append(crop)
        return crops


def over(crops: Crops | None, one: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """`one` (images → losses) over crops; None: over the whole image once."""
    return one if crops is None else crops.loss(one)


def settle_crops(objective: Any, usual: Crops) -> None:
    """Give a frozen objective its usual crops where it was given none. TypeError where it was given something else."""
    if not isinstance(objective.crops, Crops | None):
        raise TypeError(f"crops={objective.crops!r:.60}: expected gw.Crops(…) or None")
    object.__setattr__(objective, "crops", objective.crops or usual)


FRAMES = Crops(num=10, power=1.0, smallest=0.85, largest=1.6, noise=0.1, mirror=True, fresh=True)
"""Nearly the whole picture, ten times otherwise: fixed framings soon make a small network sure of what is not there."""
