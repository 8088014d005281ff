"""The figures that the studies of learned words tell."""

from __future__ import annotations

import pytest

from benchmarks.words_study import mean
from benchmarks.words_study_2 import gains


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.5), (0.75, 0.25), (1.0, 0.0)])
def test_a_difference_of_shares_can_be_a_loss(before, after):
    told = gains([({"alone": after}, {"alone": before})] * 8)["alone"]
    low, high = told["interval"]
    assert told["mean"] == after - before
    assert -1 <= low <= told["mean"] < high
    assert (low < told["mean"]) == (after - before > -1)


def test_a_share_has_no_end_beyond_none_and_all():
    assert mean([{"alone": 0.0}] * 8)["alone"] == {"mean": 0.0, "interval": [0.0, 0.369]}
