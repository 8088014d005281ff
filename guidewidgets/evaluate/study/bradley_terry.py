"""Several methods on one scale, from who was preferred to whom."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDS = 100_000


def bradley_terry(wins: ArrayLike, tolerance: float = 1e-10) -> NDArray[np.float64]:
    """Strengths whose ratios are the odds: i is preferred to j with probability s_i / (s_i + s_j).

    Maximum likelihood (Bradley and Terry 1952) by minorisation-maximisation (Hunter 2004, equation 3).

    Args:
        wins: (k, k): how often i was preferred to j, a tie one half for each; the diagonal is not looked at.
        tolerance: largest relative change of a strength in the last round.

    Returns:
        (k,) strengths, positive, of sum 1.

    Raises:
        ValueError: it is no such table; or somebody never lost (or never met the others), and no strength is largest.
    """
    table: NDArray[Any] = np.array(wins, np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2:
        raise ValueError(f"wins of shape {table.shape}: expected (k, k) with k of at least 2")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("wins: expected finite numbers of at least 0")
    np.fill_diagonal(table, 0)
    reached = np.linalg.matrix_power((table > 0) + np.eye(len(table)), len(table) - 1) > 0
    if not reached.all():
        one, other = np.argwhere(~reached)[0]
        raise ValueError(f"wins: nothing leads from {one} to {other}: no strengths are the most likely")
    met, won = table + table.T, table.sum(1)
    strengths = np.full(len(table), 1 / len(table))
    for _ in range(ROUNDS):
        new = won / (met / (strengths[:, None] + strengths)).sum(1)
        new /= new.sum()
        done = np.abs(new / strengths - 1).max() < tolerance
        strengths = new
        if done:
            break
    return strengths
