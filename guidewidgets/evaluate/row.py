"""One line of a score sheet: a share, or a mean, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

DRAWS = 2000


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One line of a score sheet.

    Args:
        category: what was asked.
        says: what counts as right, in words.
        prompts: how many prompts.
        images: how many pictures.
        score: share of pictures that were right, or the mean of what the line says.
        low: lower end of the 95 % interval.
        high: upper end of the 95 % interval.
        ceiling: the same figure for painted pictures that show exactly what was asked; None where nobody measured it.
    """

    category: str
    says: str
    prompts: int
    images: int
    score: float
    low: float
    high: float
    ceiling: float | None = None


def make_row(
    category: str,
    says: str,
    groups: Sequence[Sequence[float]],
    ceiling: float | None = None,
    scale: float = 1.0,
) -> Row:
    """A row from the marks of each prompt's pictures.

    The interval is a percentile bootstrap over prompts (2000 draws, fixed seed): pictures of one prompt are not
    independent.

    Args:
        category: see `Row`.
        says: see `Row`.
        groups: one sequence of marks per prompt.
        ceiling: see `Row`.
        scale: the score is multiplied by this.

    Raises:
        ValueError: no marks.
    """
    if not groups or not all(len(marks) for marks in groups):
        raise ValueError(f"{category}: expected at least one picture of every prompt")
    sums = np.array([np.sum(marks) for marks in groups], np.float64)
    counts = np.array([len(marks) for marks in groups], np.float64)
    picks = np.random.default_rng(len(groups)).integers(len(groups), size=(DRAWS, len(groups)))
    means = scale * sums[picks].sum(1) / counts[picks].sum(1)
    low, high = (float(v) for v in np.quantile(means, (0.025, 0.975)))
    score = float(scale * sums.sum() / counts.sum())
    return Row(category, says, len(groups), int(counts.sum()), score, low, high, ceiling)
