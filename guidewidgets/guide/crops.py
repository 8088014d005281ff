"""Random crops, so that an encoder is not fooled by pixels that only one framing shows (DOODL, section 4).

Sizes are U^power between the smallest and the largest side, places uniform. The crops are drawn from a fixed seed and
are the same at every step, so that losses can be compared; the published code draws new ones each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

REDUCTIONS = ("mean", "min")


@dataclass(frozen=True, slots=True)
class Crops:
    """How many crops a loss looks at, and how.

    Attributes:
        num: crops per image; 0 looks at the whole image once.
        power: sizes are U^power; 0 is always the largest, 1 uniform.
        smallest: side of the smallest crop, as a share of the image's shorter side.
        reduce: "mean" over crops, or "min", which is what the published code does.
        seed: of sizes and places.
    """

    num: int = 8
    power: float = 0.3
    smallest: float = 0.5
    reduce: str = "mean"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.num < 0 or self.power < 0 or not 0 < self.smallest <= 1 or self.reduce not in REDUCTIONS:
            message = f"{self}: expected num ≥ 0, power ≥ 0, smallest in (0, 1], reduce one of {', '.join(REDUCTIONS)}"
            raise ValueError(message)

    def loss(self, one: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        """`one` (images → losses) over the crops of each image."""
        if self.num == 0:
            return one

        def over_crops(images: Tensor) -> Tensor:
            values = torch.stack([one(crop) for crop in self.cut(images)])
            return values.mean(0) if self.reduce == "mean" else values.amin(0)

        return over_crops

    def cut(self, images: Tensor) -> list[Tensor]:
        """The crops of images (n, 3, H, W), each brought to the images' shorter side, (n, 3, S, S)."""
        height, width = images.shape[-2:]
        side = min(height, width)
        rng = np.random.Generator(np.random.PCG64(self.seed))
        crops: list[Tensor] = []
        for _ in range(self.num):
            size = round(side * (self.smallest + (1 - self.smallest) * rng.random() ** self.power))
            top, left = (int(rng.integers(0, length - size + 1)) for length in (height, width))
            crops.append(F.adaptive_avg_pool2d(images[..., top : top + size, left : left + size], side))
        return crops
