"""kill -9 of a process that has workers, at random moments: no worker is left, and no finished picture is lost."""

from __future__ import annotations

import os
import random
import time

import psutil
import pytest
from killing import check, kill_one, victims

from guidewidgets.engine import Engine

PROVE = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork"),
]


@pytest.mark.parametrize("kills", [50 if PROVE else 3])
def test_no_orphan_and_nothing_lost(folder, fresh, tmp_path, kills):
    engine, rng = Engine.load(folder), random.Random(2)
    with victims(fresh, folder) as process:
        (forker,) = psutil.Process(process.pid).children()
        for _ in range(kills):
            kill_one(process, tmp_path / "trip", rng, longest=1.5)
            deadline = time.monotonic() + 30
            while forker.children():
                assert time.monotonic() < deadline, "an orphan"
                time.sleep(0.02)
            seen = check(tmp_path / "trip", engine)
    assert seen > 0
