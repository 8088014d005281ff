"""Click-Voronoi: a crossover whose sites are the spots that people clicked when they starred their favourites.

Every latent pixel comes from the favourite whose click is nearest; a favourite without a click gets random sites of its
own in each child. The sites move a little from child to child, and a few more hold fresh noise, because without those
the next generations are all alike. (The sites of the authors' prototype; simulated, the best of all in the first
rounds.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from torch import Tensor

from guidewidgets.arguments import as_points
from guidewidgets.engine.samplers.noise import Stream
from guidewidgets.evolve.mosaic import FRESH, checked, mosaic
from guidewidgets.evolve.recombine import FRESH_SITES, JITTER, KEEP
from guidewidgets.evolve.voronoi import nearest_site
from guidewidgets.region import Region

SITES_WITHOUT = 2  # of a favourite that was starred as a whole


def click_voronoi(
    parents: Tensor | Sequence[Tensor], spots: Sequence[Iterable[tuple[float, float]]], n: int, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Children cut along the clicks on their parents.

    Args:
        parents: (m, C, H, W), or m latents (C, H, W).
        spots: of each parent, (x, y) in [0, 1], origin at the top left; none for a parent that was liked as a whole.
        n: number of children, at least 1.
        seed: non-negative int; child i depends on (seed, i).

    Returns:
        children: (n, C, H, W) in the parents' dtype; every latent column is one parent's, bit for bit, or fresh noise.
        owners: (n, H, W) int64, index of the parent of each column, -1 for fresh noise. In every child what lies within
            0.06 of a click is the clicked parent's, or that of a nearer click; in child 0 nothing is fresh and no click
            has moved.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    pool, n, seed = checked(parents, n, seed, spots, "lists of spots")
    clicked = check_spots(spots)
    plane = (pool.shape[2], pool.shape[3])
    kept = _kept(clicked, plane)
    maps = [_owner_map(clicked, kept, plane, (seed, i)) for i in range(n)]
    return mosaic(pool, maps, seed, Stream.CLICKS)


def check_spots(spots: Sequence[Iterable[tuple[float, float]]]) -> list[tuple[tuple[float, float], ...]]:
    """Spots (x, y) in [0, 1] of each parent, at least one in all. Raises ValueError or TypeError for what is none."""
    clicked = [as_points("spots", points) for points in spots]
    if not any(clicked):
        raise ValueError("spots: expected at least one click, on any of the parents")
    for points in filter(None, clicked):
        Region.points(points, KEEP)  # refuses points that are none
    return clicked


def _sites(clicked: Sequence[tuple[tuple[float, float], ...]], plane: tuple[int, int]) -> list[np.ndarray]:
    """Clicks in latent pixels, (k, 2) of each parent, row and column."""
    return [
        np.array([(y * plane[0] - 0.5, x * plane[1] - 0.5) for x, y in points]).reshape(-1, 2)
        for points in clicked
    ]


def _kept(clicked: Sequence[tuple[tuple[float, float], ...]], plane: tuple[int, int]) -> np.ndarray:
    """Owner of the pixels beside clicks, which are the same in every child, (H, W); -1 elsewhere."""
    near = [Region.points(p, KEEP).mask(*plane) if p else np.zeros(plane, np.bool_) for p in clicked]
    sites = _sites(clicked, plane)
    labels = np.repeat(np.arange(len(sites)), [len(s) for s in sites])
    owner = labels[nearest_site(np.concatenate(sites), plane)]
    return np.where(np.any(near, axis=0), owner, FRESH)


def _owner_map(
    clicked: Sequence[tuple[tuple[float, float], ...]],
    kept: np.ndarray,
    plane: tuple[int, int],
    seed: tuple[int, int],
) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    exact = seed[1] == 0
    sites = [
        s + rng.normal(0, 0 if exact else JITTER * min(plane), s.shape)
        if len(s)
        else rng.random((SITES_WITHOUT, 2)) * plane - 0.5
        for s in _sites(clicked, plane)
    ]
    labels = np.repeat(np.arange(len(sites)), [len(s) for s in sites])
    if not exact:
        fresh = max(1, round(FRESH_SITES * len(labels)))
        sites.append(rng.random((fresh, 2)) * plane - 0.5)
        labels = np.concatenate([labels, np.full(fresh, FRESH)])
    owners = labels[nearest_site(np.concatenate(sites), plane)]
    return np.where(kept == FRESH, owners, kept)
