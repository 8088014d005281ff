"""A first batch that is well spread: draws that differ in their low frequencies, which decide the layout of a picture.

Out of a pool of ordinary draws the batch is picked greedily: next comes the draw whose nearest picked neighbour is
farthest away, seen through a low-pass filter. The idea is Zameshina et al., Diverse Diffusion (arXiv 2310.12583);
picking among draws, rather than moving them, leaves every latent exactly standard normal and takes a second or two.

Measured on the embedded model (20 batches of 12): a latent's nearest is 23 % farther away, filtered as above, but a
picture's nearest, in the judge's features, only 5 ± 5 % (`benchmarks/spread.py`): no effect on pictures is shown.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.noise import draw_some

POOL = 20  # draws per image that is kept
LARGEST_POOL = 4000  # draws in all: seconds, also for a large batch
WIDTH = 1 / 8  # standard deviation of the low-pass filter, as a fraction of the shorter side
GRID = 12  # what passes the filter is sampled at this many places a side
TOGETHER = 256  # draws in memory at once


def spread(
    n: int, shape: tuple[int, int, int], seed: int = 0, pool: int | None = None
) -> tuple[Tensor, list[int]]:
    """A well-spread batch of initial noise.

    Args:
        n: number of latents, at least 1.
        shape: (C, H, W).
        seed: non-negative int. The pool's draw i depends on (seed, i) only and is the one `Engine.noise` gives; which
            of them are picked depends on n and the pool too.
        pool: how many draws to pick from, at least n; None is 20 per latent, at most 4,000.

    Returns:
        latents: (n, C, H, W) float32, each standard normal, in the order they were picked, draw 0 first.
        indices: their places in the pool.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    count, seed = check_number("n", n, 1), check_number("seed", seed, 0)
    size = max(count, min(POOL * count, LARGEST_POOL)) if pool is None else check_number("pool", pool, count)
    looks = np.concatenate(
        [
            low_pass(draw_some(range(first, min(first + TOGETHER, size)), shape, seed))
            for first in range(0, size, TOGETHER)
        ]
    )
    picked = far_apart(looks, count)
    return draw_some(picked, shape, seed), picked


def low_pass(latents: Tensor) -> NDArray[np.float32]:
    """What is left of latents (n, C, H, W) behind a Gaussian filter, as unit vectors (n, D)."""
    rows, columns = (_windows(side, min(latents.shape[-2:])) for side in latents.shape[-2:])
    flat = torch.einsum("ih,nchw,jw->ncij", rows, latents.float(), columns).flatten(1)
    return torch.nn.functional.normalize(flat, dim=1).numpy()


def far_apart(vectors: NDArray[np.floating], n: int, first: int = 0) -> list[int]:
    """Greedy max-min choice: each next one has the smallest largest cosine to those before.

    Args:
        vectors: (N, D) unit vectors, N ≥ n.
        n: how many to choose.
        first: index of the one to begin with.
    """
    chosen = [first]
    nearest = vectors @ vectors[first]
    nearest[first] = np.inf
    while len(chosen) < n:
        best = int(np.argmin(nearest))
        chosen.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
        nearest[best] = np.inf
    return chosen


def _windows(side: int, shorter: int) -> Tensor:
    """Gaussian windows along one side, (k, side)."""
    k = min(GRID, side)
    centres = (torch.arange(k) + 0.5) * side / k - 0.5
    width = max(WIDTH * shorter, 0.5)
    return torch.exp(-0.5 * ((torch.arange(side)[None] - centres[:, None]) / width) ** 2)
