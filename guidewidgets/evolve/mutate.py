"""Mutation that keeps the noise standard normal: everywhere, or in discs around clicked spots.

z' = cos t · z + sin t · n with n ~ N(0, 1): the cosine between child and parent is cos t, and the variance stays one.
Source: Videau et al., Interactive Latent Diffusion Model (GECCO 2023), for the click; the angle keeps N(0, 1), which
adding noise does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.noise import Stream, draw
from guidewidgets.evolve.pool import stack
from guidewidgets.region import Region

LADDER = (0.1, 1.2)  # radians: from hardly to mostly another picture
ANNEALING = 0.7  # what the ladder shrinks by each time one favourite is picked again
SHORTEST = 0.05  # it shrinks no further: its children could not be told from their parent


def mutate_at(
    latent: Tensor,
    points: Iterable[tuple[float, float]] | Region,
    radius: float = 0.15,
    n: int = 8,
    strength: float = 1.0,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    """Children with new noise in discs around points, and the parent's own noise, bit for bit, everywhere else.

    Args:
        latent: the parent, (C, H, W).
        points: spots (x, y) in [0, 1], origin at the top left, at least one; or a region.
        radius: of the discs, above 0 and at most 1, as a fraction of the picture's shorter side.
        n: number of children, at least 1.
        strength: in (0, 1]: 1 is all new noise inside, t = strength · π/2.
        seed: non-negative int; child i depends on (seed, i).

    Returns:
        children: (n, C, H, W) in the parent's dtype.
        mask: (H, W) bool, where they differ from the parent.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    parent = stack([latent])[0]
    region = points if isinstance(points, Region) else Region.points(points, check_share("radius", radius))
    mask = torch.from_numpy(region.mask(parent.shape[-2], parent.shape[-1]))
    angle = check_share("strength", strength) * math.pi / 2
    children = rotate(parent, [angle] * check_number("n", n, 1), seed)
    return torch.where(mask, children, parent), mask


def mutate(
    latent: Tensor, n: int = 8, strength: float | None = None, seed: int = 0, picked: int = 0
) -> tuple[Tensor, np.ndarray]:
    """Children that vary the whole picture.

    Args:
        latent: the parent, (C, H, W).
        n: number of children, at least 1.
        strength: in (0, 1], the same for all children: t = strength · π/2. None is a ladder from t = 0.1 to 1.2.
        seed: non-negative int; child i depends on (seed, i).
        picked: how many times in a row before this one favourite was varied; the ladder shrinks by 0.7 for each, so
            that who knows what they want comes closer to it (the schedule of the authors' prototype).

    Returns:
        children: (n, C, H, W) in the parent's dtype.
        cosines: (n,), cos t, the cosine to the parent that each child has on average.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    parent = stack([latent])[0]
    count = check_number("n", n, 1)
    if strength is None:
        low, high = ladder(picked)
        angles = np.linspace(low, high, count) if count > 1 else np.array([(low + high) / 2])
    else:
        angles = np.full(count, check_share("strength", strength) * math.pi / 2)
    return rotate(parent, angles.tolist(), seed), np.cos(angles)


def ladder(picked: int = 0) -> tuple[float, float]:
    """Smallest and largest angle of a batch of variations; see `mutate`.

    Raises:
        ValueError, TypeError: `picked` is no whole number of at least 0.
    """
    step = max(ANNEALING ** check_number("picked", picked, 0), SHORTEST)
    return LADDER[0] * step, LADDER[1] * step


def rotate(parent: Tensor, angles: Sequence[float], seed: int) -> Tensor:
    """Cos t · z + sin t · n for each angle t, (n, C, H, W); at t = π/2 it is exactly the new noise."""
    channels, height, width = parent.shape
    noise = draw(len(angles), (channels, height, width), check_number("seed", seed, 0), Stream.MUTATE).to(
        parent.dtype
    )
    t = torch.tensor(angles, dtype=torch.float64)[:, None, None, None]
    keep, new = torch.cos(t).to(parent.dtype), torch.sin(t).to(parent.dtype)
    return torch.where(
        t.to(parent.dtype) == torch.tensor(math.pi / 2, dtype=parent.dtype),
        noise,
        keep * parent + new * noise,
    )


def check_share(name: str, value: float) -> float:
    """A number above 0 and at most 1: a radius (as a fraction of the shorter side) or a strength.

    Raises:
        ValueError, TypeError: it is not.
    """
    number = check_number(name, value, 0.0)
    if not 0 < number <= 1:
        raise ValueError(f"{name}={value!r}: expected above 0 and at most 1")
    return number
