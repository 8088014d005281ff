"""The interval of a mean over pictures that come in clusters, one for each prompt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

DRAWS: Final = 2000
OPEN: Final = (-math.inf, math.inf)
SHARES: Final = (0.0, 1.0)


class Interval(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def over_prompts(groups: Sequence[Sequence[float]], bounds: tuple[float, float] = OPEN) -> Interval:
    """The mean of all marks, with a percentile bootstrap over prompts (2000 draws, fixed seed).

    Pictures of one prompt are not independent, so prompts are drawn, each with all its pictures.

    Where all prompts have the same mean, draws from them have no width. There it is what so few can rule out: were the
    share of prompts that are different above 1 - 0.025^(1/n), n alike would come in fewer than 2.5 % of all times
    (Clopper and Pearson 1934), and no prompt lies beyond the bounds. For shares that is their exact binomial interval;
    without bounds it has no end.

    Args:
        groups: one sequence of marks per prompt.
        bounds: least and largest that a mark can be.

    Raises:
        ValueError: no marks, or a prompt without any.
    """
    if not groups or not all(len(marks) for marks in groups):
        raise ValueError("expected at least one picture of every prompt")
    sums = np.array([np.sum(marks) for marks in groups], np.float64)
    counts = np.array([len(marks) for marks in groups], np.float64)
    mean = float(sums.sum() / counts.sum())
    if np.ptp(sums / counts) <= 1e-12 * max(1.0, abs(mean)):
        different = 1 - 0.025 ** (1 / len(groups))
        (low, high), mean = bounds, float(np.clip(mean, *bounds))
        return Interval(mean, mean - different * (mean - low), mean + different * (high - mean))
    picks = np.random.default_rng(len(groups)).integers(len(groups), size=(DRAWS, len(groups)))
    low, high = np.quantile(sums[picks].sum(1) / counts[picks].sum(1), (0.025, 0.975))
    return Interval(mean, float(low), float(high))
