"""Blends of whole latents on the sphere, never a plain mean.

The mean of m independent latents has standard deviation 1/√m, which paints blur. Two parents are joined by spherical
interpolation; more by weighted sums divided by the length they really have (Bodin et al., arXiv 2408.08558).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.evolve.pool import stack


def blend(parents: Tensor | Sequence[Tensor], n: int = 8, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Children between their parents.

    Args:
        parents: (m, C, H, W), or m latents (C, H, W); m ≥ 2.
        n: number of children, at least 1. Between two parents they are evenly spaced; among more the weights are drawn
            uniformly from the simplex.
        seed: non-negative int; with more than two parents, child i depends on (seed, i).

    Returns:
        children: (n, C, H, W) in the parents' dtype, of the parents' length (√(C H W) on average).
        weights: (n, m) float64, shares that sum to one.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    pool = stack(parents)
    count, seed = check_number("n", n, 1), check_number("seed", seed, 0)
    m = len(pool)
    check_parents(m)
    if m == 2:
        t = np.arange(1, count + 1) / (count + 1)
        weights = np.stack([1 - t, t], axis=1)
        return torch.stack([slerp(pool[0], pool[1], float(x)) for x in t]), torch.from_numpy(weights)
    rows = [np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, i)))) for i in range(count)]
    weights = np.stack([rng.dirichlet(np.ones(m)) for rng in rows])
    shares = torch.from_numpy(weights)
    return on_sphere(pool, shares), shares


def check_parents(m: int) -> None:
    """Refuse fewer than two parents. Raises ValueError."""
    if m < 2:
        raise ValueError("parents: expected at least two latents to blend")


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Spherical interpolation (Shoemake 1985) from `a` (t = 0) to `b` (t = 1), lengths interpolated.

    Args:
        a: a latent of any shape, taken as one vector.
        b: another of the same shape; a line joins them where they are parallel.
        t: in [0, 1].

    Returns:
        Of the shape and dtype of `a`.
    """
    one, two = a.double(), b.double()
    lengths = one.norm(), two.norm()
    u, v = one / lengths[0], two / lengths[1]
    angle = torch.arccos((u * v).sum().clamp(-1, 1))
    if torch.sin(angle) < 1e-6:
        return ((1 - t) * one + t * two).to(a.dtype)
    direction = (torch.sin((1 - t) * angle) * u + torch.sin(t * angle) * v) / torch.sin(angle)
    return (direction * ((1 - t) * lengths[0] + t * lengths[1])).to(a.dtype)


def on_sphere(parents: Tensor, weights: Tensor) -> Tensor:
    """Σ wᵢ zᵢ, brought to the weighted mean of the parents' lengths.

    Args:
        parents: (m, C, H, W).
        weights: (n, m), of any scale; a row must not cancel out.

    Returns:
        (n, C, H, W) in the parents' dtype.

    Raises:
        ValueError: the weighted sum of a row is zero.
    """
    flat = parents.double().flatten(1)
    sums = weights.double() @ flat
    lengths = sums.norm(dim=1)
    if (lengths < 1e-9).any():
        raise ValueError("weights that cancel the parents out: expected a sum other than zero")
    shares = weights.double().abs()
    wanted = (shares @ flat.norm(dim=1)) / shares.sum(1)
    scaled = sums * (wanted / lengths)[:, None]
    return scaled.reshape(len(weights), *parents.shape[1:]).to(parents.dtype)
