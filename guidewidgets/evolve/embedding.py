"""The embedding genome: noise on a concept's token states, which takes part in every operator once a candidate has it.

Some models paint almost the same picture whatever the noise is; moving the prompt's embedding moves them. An offset is
(L, D), one row per token; its scale is its root mean square, and new noise gets the parents' scale. Where concepts
differ in length, so do offsets: a shorter one is zero beyond its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from guidewidgets.engine.samplers.noise import Stream, generator

Offset = Tensor | None
"""None is no offset: all zeros."""


def draw_offsets(n: int, states: Tensor, strength: float, seed: int) -> list[Tensor]:
    """Fresh offsets (L, D) for n candidates; offset i depends on (seed, i).

    Args:
        n: how many.
        states: of the concept, (L, D); their spread over tokens and features is the unit of the strength.
        strength: above 0; at 1 the noise is as large as the concept.
        seed: non-negative int.
    """
    scale = strength * float(states.float().std())
    return [scale * _noise(states.shape, seed, i) for i in range(n)]


def cross_offsets(parents: Sequence[Offset], n: int, fresh: float, seed: int) -> list[Offset]:
    """Every token's row from one parent, drawn for it alone, or new noise with probability `fresh`."""
    pool = _pool(parents)
    if pool is None:
        return [None] * n
    found: list[Offset] = []
    for i in range(n):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, i, Stream.EMBEDDING))))
        owner = torch.from_numpy(rng.integers(len(pool), size=pool.shape[1]))
        new = torch.from_numpy(rng.random(pool.shape[1]) < fresh)[:, None]
        rows = pool[owner, torch.arange(pool.shape[1])]
        found.append(torch.where(new, _scale(parents) * _noise(pool.shape[1:], seed, i), rows))
    return found


def mutate_offsets(parent: Offset, cosines: Sequence[float], seed: int) -> list[Offset]:
    """Rotated as the latents are: cos t · o + sin t · new noise of the same scale."""
    if parent is None:
        return [None] * len(cosines)
    scale = _scale([parent])
    return [
        c * parent + math.sqrt(max(0.0, 1 - c * c)) * scale * _noise(parent.shape, seed, i)
        for i, c in enumerate(cosines)
    ]


def blend_offsets(parents: Sequence[Offset], weights: Tensor) -> list[Offset]:
    """Weighted sums, brought to the parents' scale; all of one parent is that parent's own.

    Args:
        parents: m of them.
        weights: (n, m), of any sign and scale.
    """
    pool = _pool(parents)
    if pool is None:
        return [None] * len(weights)
    wanted = _scale(parents)
    sums = torch.einsum("nm,mld->nld", weights.to(pool), pool)
    scaled = [row * (wanted / max(_scale([row]), 1e-12)) for row in sums]
    alone = [row.nonzero().flatten().tolist() if row.max() > 0 else [] for row in weights]
    return [parents[own[0]] if len(own) == 1 else one for own, one in zip(alone, scaled, strict=True)]


def dominant_offsets(parents: Sequence[Offset], owners: Tensor) -> list[Offset]:
    """Of the parent that owns most of each child's plane: a concept cannot be cut along the picture.

    Args:
        parents: m of them.
        owners: (n, H, W), index of the parent of each column, -1 for fresh noise.
    """
    return [
        parents[int(torch.bincount(row[row >= 0], minlength=len(parents)).argmax())]
        for row in owners.flatten(1)
    ]


def _pool(parents: Sequence[Offset]) -> Tensor | None:
    """Parents as (m, L, D), zeros where one has none; None where nobody has one."""
    some = next((p for p in parents if p is not None), None)
    if some is None:
        return None
    rows = [torch.zeros_like(some) if p is None else p for p in parents]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


def _scale(parents: Sequence[Offset]) -> float:
    """Root mean square of those that are not all zero."""
    some = [p.double().flatten() for p in parents if p is not None and bool(p.any())]
    return float(torch.cat(some).square().mean().sqrt()) if some else 0.0


def _noise(shape: Sequence[int], seed: int, i: int) -> Tensor:
    return torch.randn(tuple(shape), generator=generator(seed, i, Stream.EMBEDDING))
