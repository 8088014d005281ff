"""The study of seen and unseen pairs: its lists, and the rule that reads it."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.pairs_seen import ONE, PICKED, allowed, prompts, reading, table, ways
from benchmarks.pick_prompts import named
from training.world.nouns import kept_apart


def test_only_the_pairing_differs():
    unseen, seen = prompts()
    assert named([*unseen, *seen]) == "5cf740f8cbcf"
    assert all(kept_apart(*trial.wanted) for trial in unseen)
    assert all(allowed(*trial.wanted) for trial in seen)
    assert Counter(n for t in unseen for n in t.wanted) == Counter(n for t in seen for n in t.wanted)
    assert [t.wanted[0] for t in unseen] == [t.wanted[0] for t in seen]


@pytest.mark.parametrize(
    ("unseen", "seen", "read"),
    [
        ([[0.5]] * 20 + [[0.7]] * 20, [[0.9]] * 40, "the new pair"),
        ([[0.5]] * 20 + [[0.7]] * 20, [[0.7]] * 40, "both have a part"),
        ([[0.5]] * 20 + [[0.7]] * 20, [[0.6]] * 40, "two nouns"),
        ([[0.0]] * 20 + [[1.0]] * 20, [[0.6]] * 40, "not decided"),
    ],
)
def test_the_registered_rule(unseen, seen, read):
    assert reading(unseen, seen) == read


def test_the_picked_one_is_the_one_of_more_lift_of_its_lesser_noun():
    # Of every two the second holds both; the first holds one of them better still.
    scores = {"seen": [0.9, 0.1, 0.9, 0.9] * 4, "lift": [0.9, 0.0, 0.1, 0.1] * 4}
    assert ways(scores) == {ONE: [0.5] * 4, PICKED: [1.0] * 4}
    assert table([(scores, scores)] * 3)[ONE]["seen minus unseen"].startswith("0.0 [")
