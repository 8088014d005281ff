"""Checks of arguments: each names the value and what was expected."""

from __future__ import annotations

import torch
from torch import Tensor

from guidewidgets.arguments import check_number, check_readable

__all__ = ["check_images", "check_latents", "check_number", "check_readable"]


def check_latents(x: Tensor, channels: int) -> None:
    """Refuse what is not a batch of finite latents (n, C, H, W), n ≥ 1."""
    if not isinstance(x, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are people
        message = f"latents: expected a tensor (n, {channels}, H, W), not {type(x).__name__}"
        raise TypeError(message)
    if x.ndim != 4 or x.shape[1] != channels or 0 in x.shape or not x.is_floating_point():
        message = (
            f"latents of shape {tuple(x.shape)} and {x.dtype}: expected floats (n, {channels}, H, W), n ≥ 1"
        )
        raise ValueError(message)
    bad = [i for i, row in enumerate(x.detach()) if not torch.isfinite(row).all()]
    if bad:
        message = f"latents {bad} hold NaN or infinity: expected finite numbers"
        raise ValueError(message)


def check_images(images: Tensor) -> None:
    """Refuse what is not a batch of images (n, 3, H, W) in [0, 1]."""
    if images.ndim != 4 or images.shape[1] != 3 or 0 in images.shape:
        message = f"images of shape {tuple(images.shape)}: expected (n, 3, H, W)"
        raise ValueError(message)
    low, high = images.detach().amin().item(), images.detach().amax().item()
    if not (low >= -1e-3 and high <= 1 + 1e-3):
        message = f"images with values from {low:.3g} to {high:.3g}: expected [0, 1]"
        raise ValueError(message)
