"""Finished pictures: what the autoencoder made of latents, as numbers for eyes and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.caution import caution


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


def black_where_not_finite(images: Tensor) -> tuple[Tensor, tuple[bool, ...]]:
    """Images (n, 3, H, W), black with a warning where the autoencoder gave NaN or infinity; and which these are.

    Raises:
        FloatingPointError: there is one where gradients flow: it has none.
    """
    marks = images.detach()[:, 0, 0, 0].isnan()  # such a picture is NaN throughout
    bad = tuple(marks.tolist())
    if any(bad):
        if images.requires_grad:
            raise FloatingPointError(overflow(bad))
        caution(f"{overflow(bad)}; it stays black")
        images = torch.where(marks[:, None, None, None], 0.0, images)
    return images, bad


def overflow(bad: Sequence[bool]) -> str:
    """For which of a batch the autoencoder failed, in words."""
    places = ", ".join(str(i + 1) for i, one in enumerate(bad) if one)
    where = f"picture {places} of {len(bad)}"
    return f"the autoencoder gave NaN or infinity for {where}: try dtype='float32'"
