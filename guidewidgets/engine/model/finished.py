"""Finished pictures: what the autoencoder made of latents, as numbers for eyes and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@final
@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """Pictures of n latents.

    Attributes:
        images: (n, 3, H, W) in [0, 1], at least float32; black where hidden or not finite.
        hidden: by picture, whether the pipeline's safety checker objects.
        not_finite: by picture, whether the autoencoder gave NaN or infinity.
    """

    images: Tensor
    hidden: tuple[bool, ...]
    not_finite: tuple[bool, ...]

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The pictures in 8 bits, (n, H, W, 3); computed at every call."""
        return to_pixels(self.images)


def to_pixels(images: Tensor) -> NDArray[np.uint8]:
    """Images (n, 3, H, W) in [0, 1] to uint8 (n, H, W, 3)."""
    # In place after the first copy: at 50 × 512² every further pass over the floats is a tenth of a second.
    levels = images.detach().mul(255).round_().byte()
    return levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
