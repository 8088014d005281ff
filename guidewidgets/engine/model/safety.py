"""A pipeline's own safety checker, called on final images because we decode outside the pipeline."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def find_hidden(pipeline: Any, images: Tensor, dtype: torch.dtype) -> list[bool]:
    """Which images (n, 3, H, W) in [0, 1] the pipeline's safety checker, if any, objects to; it runs in `dtype`."""
    if getattr(pipeline, "safety_checker", None) is None:
        return [False] * len(images)
    # A copy: the checker blackens what it is given.
    _, flags = pipeline.run_safety_checker(images.detach().clone() * 2 - 1, images.device, dtype)
    return [bool(flag) for flag in flags]
