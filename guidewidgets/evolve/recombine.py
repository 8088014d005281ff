"""Recombination by hand: the regions people like on several images, put together in one latent.

The clicks are the sites of a Voronoi diagram; every latent pixel comes from the image of the nearest click. Child 0 is
that map, the others move the sites a little and add a few with fresh noise (Videau et al., GECCO 2023; without fresh
sites the next generations are all alike).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from guidewidgets.arguments import as_points
from guidewidgets.engine.samplers.noise import Stream
from guidewidgets.evolve.mosaic import FRESH, checked, mosaic
from guidewidgets.evolve.voronoi import nearest_site
from guidewidgets.region import Region

JITTER = 3 / 64  # standard deviation of moved sites, as a fraction of the shorter side
FRESH_SITES = 0.25  # further sites with new noise, per picked site
KEEP = 0.06  # in every child, what lies this near a click comes from the clicked image

Pick = Iterable[tuple[float, float]] | Region


def recombine(
    parents: Tensor | Sequence[Tensor], picks: Sequence[Pick], n: int = 8, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Children made of the picked parts of their parents.

    Args:
        parents: (m, C, H, W), or m latents (C, H, W).
        picks: what is liked of each parent, m of them: spots (x, y) in [0, 1], origin at the top left, or a painted
            region.
        n: number of children, at least 1.
        seed: non-negative int; child i depends on (seed, i).

    Returns:
        children: (n, C, H, W) in the parents' dtype; every latent column is one parent's, bit for bit, or fresh noise.
        owners: (n, H, W) int64, index of the parent of each column, -1 for fresh noise. In every child what lies within
            0.06 of a click, or inside a painted region, is the picked parent's; where two claim a pixel, the one with
            the nearer click, or named first.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    pool, n, seed = checked(parents, n, seed, picks, "picks")
    plane = (pool.shape[2], pool.shape[3])
    liked = [_liked(pick, plane) for pick in picks]
    kept = _kept(liked, plane)
    maps = [_owner_map(liked, kept, plane, (seed, i)) for i in range(n)]
    return mosaic(pool, maps, seed, Stream.RECOMBINE)


@dataclass(frozen=True, slots=True)
class _Liked:
    """What is liked of one parent: sites (k, 2) in latent pixels, what must stay, whether the sites hold together."""

    sites: np.ndarray
    mask: np.ndarray
    rigid: bool


def check_picks(picks: Sequence[Pick]) -> None:
    """Refuse picks that are neither a region nor spots (x, y) in [0, 1]. Raises ValueError or TypeError."""
    for pick in picks:
        if not isinstance(pick, Region):
            Region.points(pick, KEEP)


def _liked(pick: Pick, plane: tuple[int, int]) -> _Liked:
    height, width = plane
    if isinstance(pick, Region):
        mask = pick.mask(height, width)
        return _Liked(np.argwhere(mask).astype(float), mask, rigid=True)
    points = as_points("picks", pick)
    mask = Region.points(points, KEEP).mask(height, width)  # refuses points that are none
    return _Liked(np.array([(y * height - 0.5, x * width - 0.5) for x, y in points]), mask, rigid=False)


def _kept(liked: Sequence[_Liked], plane: tuple[int, int]) -> np.ndarray:
    """Owner of the pixels that are the same in every child, (H, W); -1 elsewhere."""
    masks = np.stack([one.mask for one in liked])
    nearest = _labels(liked)[nearest_site(np.concatenate([one.sites for one in liked]), plane)]
    first = np.argmax(masks, axis=0)
    claimed = np.take_along_axis(masks, nearest[None], axis=0)[0]
    return np.where(claimed, nearest, np.where(masks.any(axis=0), first, FRESH))


def _owner_map(
    liked: Sequence[_Liked], kept: np.ndarray, plane: tuple[int, int], seed: tuple[int, int]
) -> np.ndarray:
    labels, sites = _labels(liked), [one.sites for one in liked]
    if seed[1] > 0:
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
        # Points move one by one, a painted region as a whole: its pixels are one thing that was liked.
        sizes = [1 if one.rigid else len(one.sites) for one in liked]
        sites = [s + rng.normal(0, JITTER * min(plane), (k, 2)) for s, k in zip(sites, sizes, strict=True)]
        fresh = max(1, round(FRESH_SITES * sum(sizes)))
        sites.append(rng.random((fresh, 2)) * plane - 0.5)
        labels = np.concatenate([labels, np.full(fresh, FRESH)])
    owners = labels[nearest_site(np.concatenate(sites), plane)]
    return np.where(kept == FRESH, owners, kept)


def _labels(liked: Sequence[_Liked]) -> np.ndarray:
    return np.concatenate([np.full(len(one.sites), k) for k, one in enumerate(liked)])
