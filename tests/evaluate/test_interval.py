"""Means over prompts and their intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from guidewidgets.evaluate.interval import OPEN, SHARES, over_prompts


def test_it_is_the_bootstrap_over_prompts():
    """Of many prompts, against the normal interval of their means; scipy's own bootstrap says the same."""
    rng = np.random.default_rng(0)
    means = rng.normal(size=200)
    groups = (means[:, None] + 0.1 * rng.normal(size=(200, 4))).tolist()
    found = over_prompts(groups)
    prompts = np.mean(groups, 1)
    error = prompts.std(ddof=1) / math.sqrt(200)
    assert found.mean == pytest.approx(np.mean(groups))
    assert (found.high - found.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.08)
    theirs = stats.bootstrap((prompts,), np.mean, method="percentile", rng=1).confidence_interval
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.1 * error * 1.96)


def test_prompts_count_by_their_pictures():
    found = over_prompts([[1.0], [0.0, 0.0, 0.0], [0.5]])
    assert found.mean == 0.3
    assert found.low < 0.3 < found.high


@pytest.mark.parametrize("n", [1, 8, 100])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_shares_that_are_all_alike_have_the_exact_binomial_interval(n, value):
    found = over_prompts([[value] * 3] * n, SHARES)
    exact = stats.binomtest(int(value * n), n).proportion_ci(method="exact")
    assert found == pytest.approx((value, exact.low, exact.high))


def test_whatever_is_all_alike_has_a_width():
    """No prompt differs in a few: how many of all may differ, and by how much, is bounded."""
    few, many = over_prompts([[0.5, 0.5]] * 4, SHARES), over_prompts([[0.0, 1.0]] * 100, SHARES)
    different = 1 - 0.025**0.25
    assert few == pytest.approx((0.5, 0.5 - different / 2, 0.5 + different / 2))
    assert many.low > few.low
    assert over_prompts([[0.0]] * 9, (-1, 1))[1:] == pytest.approx(
        (0.025 ** (1 / 9) - 1, 1 - 0.025 ** (1 / 9))
    )
    assert over_prompts([[2.0]], OPEN) == (2, -math.inf, math.inf)
    # Equal but for the last digits of a sum.
    assert over_prompts([[0.1] * 3, [0.1] * 7], SHARES).high > 0.5


def test_alike_by_chance_is_covered():
    """Of 12 prompts that differ in 15 % of all cases, the truth lies in the interval even where none of the 12 did."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        marks = (rng.random((12, 1)) < 0.15).astype(float)
        found = over_prompts(marks.tolist(), SHARES)
        held += found.low <= 0.15 <= found.high or bool(marks.any())
    assert held == 400


def test_nothing_is_refused():
    for bad in ([], [[1.0], []]):
        with pytest.raises(ValueError, match="expected at least one picture of every prompt"):
            over_prompts(bad)
