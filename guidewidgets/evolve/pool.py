"""Parents as one batch of latents, checked."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from guidewidgets.engine.check import check_latents


def stack(parents: Tensor | Sequence[Tensor]) -> Tensor:
    """Latents (m, C, H, W) from a batch or a list of latents (C, H, W), m ≥ 1.

    Raises:
        ValueError: none, of different shapes, or not finite.
    """
    rows = list(parents)
    if not rows:
        raise ValueError("parents: expected at least one latent")
    shapes = {tuple(row.shape) for row in rows}
    if len(shapes) > 1:
        raise ValueError(f"parents of different shapes {sorted(shapes)}: expected one size and model")
    pool = torch.stack(rows)
    check_latents(pool, pool.shape[1] if pool.ndim == 4 else 4)
    return pool
