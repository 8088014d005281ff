"""Voronoi crossover: each child is a mosaic of its parents' latents, cut along the picture's plane.

Source: "Guiding image generation with Nevergrad" and Videau et al., Interactive Latent Diffusion Model (GECCO 2023).
Cells live in (H, W); all channels of a pixel come from one parent. A child of independent N(0, 1) parents is exactly
N(0, 1), because nothing is averaged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.noise import Stream
from guidewidgets.evolve.mosaic import FRESH, checked, mosaic

CELLS_PER_PARENT = 4  # the literal rule's 2 collapses: by generation 10 all siblings are alike
FRESH_SHARE = 0.05  # enough to keep siblings apart; more costs a child what its parents were picked for
REDRAWS = 8


def voronoi_crossover(
    parents: Tensor | Sequence[Tensor],
    n: int,
    cells: int | None = None,
    fresh: float | None = None,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    """Children that are Voronoi mosaics of their parents, with sites of their own for each child.

    Args:
        parents: (m, C, H, W), or m latents (C, H, W); m ≥ 1.
        n: number of children, at least 1.
        cells: Voronoi cells in each child, at least 1; cell j shows parent j mod m. None is 4 m. The source's literal
            rule is `cells=2 * m, fresh=0`.
        fresh: share of cells in [0, 1] that get new noise instead, on average: where it is no whole number of cells,
            chance decides for each child. A lone parent's children get one cell at least, where it is above 0. None is
            0.05.
        seed: non-negative int; child i depends on (seed, i) and the parents only.

    Returns:
        children: (n, C, H, W) in the parents' dtype; every latent column is one parent's, bit for bit, or fresh noise.
        owners: (n, H, W) int64, index of the parent of each column, -1 for fresh noise. With `fresh=0` and
            m ≤ cells ≤ H·W every parent owns at least one column of every child.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    pool, n, seed = checked(parents, n, seed)
    m, _, height, width = pool.shape
    cells, fresh = check_cells(m, cells, fresh)
    maps = [_owner_map(m, cells, fresh, (height, width), (seed, i)) for i in range(n)]
    return mosaic(pool, maps, seed, Stream.VORONOI)


def check_cells(m: int, cells: int | None, fresh: float | None) -> tuple[int, float]:
    """Cells and share of fresh ones for m parents, None replaced by the defaults; see `voronoi_crossover`.

    Raises:
        ValueError, TypeError: one is out of range.
    """
    cells = CELLS_PER_PARENT * m if cells is None else check_number("cells", cells, 1)
    fresh = FRESH_SHARE if fresh is None else check_number("fresh", fresh, 0.0)
    if fresh > 1:
        raise ValueError(f"fresh={fresh!r}: expected a share of the cells, from 0 to 1")
    return cells, fresh


def _owner_map(m: int, cells: int, fresh: float, plane: tuple[int, int], seed: tuple[int, int]) -> np.ndarray:
    """Owner of each pixel of one child, (H, W)."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    height, width = plane
    renewed = math.floor(fresh * cells + rng.random()) if fresh else 0
    if fresh and m == 1:  # else it would be a plain copy
        renewed = max(1, renewed)
    labels = np.arange(cells) % m
    labels[rng.permutation(cells)[:renewed]] = FRESH
    owners = np.empty(plane, np.int64)
    for attempt in range(REDRAWS + 1):
        if attempt < REDRAWS or cells > height * width:
            sites = rng.random((cells, 2)) * (height, width) - 0.5
        else:  # crowded: a site at the centre of a pixel of its own owns at least that pixel
            spots = rng.permutation(height * width)[:cells]
            sites = np.stack(np.divmod(spots, width), axis=1).astype(float)
        owners = labels[nearest_site(sites, plane)]
        if fresh or cells < m or cells > height * width or len(np.unique(owners)) == m:
            break
    return owners


def nearest_site(sites: np.ndarray, plane: tuple[int, int]) -> np.ndarray:
    """Index of the nearest site of every pixel, ties to the lowest index.

    Args:
        sites: (k, 2), row and column in pixels.
        plane: (H, W).

    Returns:
        (H, W) int64.
    """
    rows = (np.arange(plane[0]) - sites[:, :1]) ** 2
    columns = (np.arange(plane[1]) - sites[:, 1:]) ** 2
    return np.argmin(rows[:, :, None] + columns[:, None, :], axis=0)
