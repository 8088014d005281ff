"""Initial noise: one CPU generator per image, so that batch layout and device never change a draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum, unique

import numpy as np
import torch
from torch import Tensor


@unique
class Stream(IntEnum):
    """What a draw is for: two purposes that share a seed never get the same noise.

    Pixels depend on these numbers: a new purpose takes a new one, and none is ever changed or given twice.
    """

    INITIAL = 0
    VORONOI = 1
    MUTATE = 2
    RECOMBINE = 3
    CLICKS = 4
    BLIND = 5
    EMBEDDING = 6
    LEVERAGE = 8
    SEARCH = 9


def generator(*seed: int) -> torch.Generator:
    """CPU generator for a path of non-negative ints, such as (session seed, event, image)."""
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def kick(seeds: Sequence[int], path: tuple[int, ...], scale: float, like: Tensor) -> Tensor:
    """Noise on the way, of each image's own seed, so that a batch does not change it.

    Args:
        seeds: one per image.
        path: which noise of the walk: purpose, step and so on.
        scale: its standard deviation.
        like: latents (n, C, H, W) it is made for.
    """
    rows = [torch.randn(like.shape[1:], generator=generator(seed, *path)) for seed in seeds]
    return scale * torch.stack(rows).to(like)


def draw(n: int, shape: tuple[int, int, int], seed: int, stream: Stream = Stream.INITIAL) -> Tensor:
    """Standard normal latents; image i depends on (seed, i), the stream and the shape only.

    The values are rounded to fp16, so that what is saved is what was used.

    Args:
        n: number of images.
        shape: (C, H, W).
        seed: non-negative int.
        stream: what it is for.

    Returns:
        (n, C, H, W) float32 on the CPU.
    """
    return draw_some(range(n), shape, seed, stream)


def draw_some(
    indices: Iterable[int], shape: tuple[int, int, int], seed: int, stream: Stream = Stream.INITIAL
) -> Tensor:
    """The draws at some places of the sequence that `draw` begins, in the order of `indices`; see `draw`."""
    rows = [torch.randn(shape, generator=generator(seed, i, stream)) for i in indices]
    return torch.stack(rows).half().float() if rows else torch.empty((0, *shape))
