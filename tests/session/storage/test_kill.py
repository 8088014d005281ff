"""kill -9 at random moments: whatever was reported finished is there. The full count: benchmarks/prove_store.py."""

from __future__ import annotations

import random

import pytest
from killing import check, kill_one, victims

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork"),
]


def test_killed_at_random_moments(engine, fresh, tmp_path):
    rng = random.Random(7)
    with victims(fresh) as process:
        for _ in range(12):
            kill_one(process, tmp_path / "trip", rng, longest=0.8)
            seen = check(tmp_path / "trip", engine)
    assert seen > 0
