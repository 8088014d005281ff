"""Children cut out of their parents: from owner maps to latents, and what all such operators check alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.noise import Stream, draw_some
from guidewidgets.evolve.pool import stack

FRESH = -1


def checked(
    parents: Tensor | Sequence[Tensor],
    n: int,
    seed: int,
    told: Sequence[object] | None = None,
    what: str = "",
) -> tuple[Tensor, int, int]:
    """Parents as one batch (m, C, H, W), and the number n ≥ 1 of children and the seed ≥ 0 as ints.

    Args:
        parents: (m, C, H, W), or m latents (C, H, W).
        n: number of children.
        seed: non-negative int.
        told: something that was said of each parent; None: nothing.
        what: it is called.

    Raises:
        ValueError, TypeError: an argument is out of range, or not every parent was told of; the message names it.
    """
    pool = stack(parents)
    count, start = check_number("n", n, 1), check_number("seed", seed, 0)
    if told is not None and len(told) != len(pool):
        raise ValueError(f"{len(told)} {what} for {len(pool)} parents: expected one for each")
    return pool, count, start


def mosaic(pool: Tensor, maps: Sequence[np.ndarray], seed: int, stream: Stream) -> tuple[Tensor, Tensor]:
    """Children by owner maps.

    Args:
        pool: parents, (m, C, H, W).
        maps: n of them, (H, W): the parent of each column, -1 for fresh noise.
        seed: non-negative int.
        stream: what the noise is for.

    Returns:
        children (n, C, H, W) in the parents' dtype, and the maps as one (n, H, W) int64.
    """
    owners = torch.from_numpy(np.stack(maps))
    children = torch.gather(pool, 0, owners.clamp(min=0)[:, None].expand(-1, pool.shape[1], -1, -1))
    new = owners == FRESH
    # Many children have none, and drawing is what takes the time.
    some = new.flatten(1).any(dim=1).nonzero()[:, 0]
    noise = draw_some(some.tolist(), (pool.shape[1], pool.shape[2], pool.shape[3]), seed, stream)
    children[some] = torch.where(new[some, None], noise.to(pool), children[some])
    return children, owners
