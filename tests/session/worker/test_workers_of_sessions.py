"""A session whose pictures are painted by workers: the same journal and code, a fair share, and no orphans."""

from __future__ import annotations

import os
import re
import signal
import time
from itertools import pairwise

import numpy as np
import psutil
import pytest
from stored import SECONDS

import guidewidgets as gw
from guidewidgets.engine.workers import run
from guidewidgets.evaluate.leverage import LEVERS

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


def journey(engine, store):
    session = gw.Session("a fox AND a hat OR a cat", model=engine, seed=4, store=store)
    session.set(steps=3)
    session.sample(6).wait(SECONDS)
    session.star(1, 4)
    session.cross(n=3).wait(SECONDS)
    session.mutate(1, at=[(0.3, 0.7)], n=2, lock=True).wait(SECONDS)
    session.sample(2, of=6).wait(SECONDS)
    session.save(store.with_suffix(".gw"))
    return session


def test_the_same_session(folder, several, tmp_path):
    alone, shared = (
        journey(engine, tmp_path / name)
        for engine, name in ((gw.Engine.load(folder), "alone"), (several, "shared"))
    )
    assert shared.code() == alone.code()
    assert [[c.id for c in g] for g in shared.history] == [[c.id for c in g] for g in alone.history]
    for theirs, ours in zip(alone.history, shared.history, strict=True):
        for a, b in zip(theirs, ours, strict=True):
            assert b.hash == a.hash  # latents bit for bit
            assert b.recipe == a.recipe
            assert np.abs(np.asarray(b.image).astype(int) - np.asarray(a.image)).max() <= 1  # one 8-bit level
            assert b.film
    kept = gw.Session.open(tmp_path / "shared.gw", model=several)
    assert [c.hash for g in kept.history for c in g] == [c.hash for g in alone.history for c in g]
    for session in (alone, shared, kept):
        session.close()


def test_the_same_leverage(folder, several):
    alone, shared = (
        gw.Session("a fox", model=engine).leverage(2, steps=5) for engine in (gw.Engine.load(folder), several)
    )
    for lever in LEVERS:
        assert getattr(shared, lever) == pytest.approx(getattr(alone, lever), rel=1e-3), lever
        assert np.abs(shared.maps[lever] - alone.maps[lever]).max() < 0.05  # of 255 levels: 2e-4 in all
    assert all(link.painted for link in several.pool._links)


def test_progress_adds_up_and_says_who_paints(several):
    session = gw.Session("a fox", model=several)
    said = []
    session.subscribe(
        lambda event: said.append(event.job.progress) if type(event).__name__ == "StepDone" else None
    )
    job = session.sample(8, steps=6)
    assert len(job.wait(SECONDS)) == 8
    steps = [p.step for p in said]
    assert steps == sorted(steps)
    assert (steps[-1], job.progress.done) == (6, 8)
    assert any(re.search(r"worker 1 \(cpu\) paints \d, worker 2 \(cpu\) paints \d", p.message) for p in said)
    assert all(a.elapsed <= b.elapsed for a, b in pairwise(said))
    session.close()


def test_two_sessions_have_a_fair_share_and_a_cancelled_job_none(several, monkeypatch):
    monkeypatch.setattr(run, "TOGETHER", 1)
    sessions = [gw.Session("a fox", model=several, seed=seed) for seed in range(2)]
    finished = []
    for i, session in enumerate(sessions):
        session.subscribe(
            lambda event, i=i: finished.append(i) if type(event).__name__ == "Finished" else None
        )
    cancelled = sessions[0].sample(64, steps=900)
    cancelled.cancel()
    assert len(cancelled.wait(SECONDS)) == 0
    jobs = [session.sample(8, steps=2) for session in sessions]
    for job in jobs:
        job.wait(SECONDS)
    first_done = min(len(finished) - 1 - finished[::-1].index(i) for i in range(2))
    assert set(finished[: first_done + 1]) == {0, 1}  # neither waited until the other was done
    for session in sessions:
        session.close()


def test_a_killed_worker_is_one_notice_and_loses_nothing(several):
    session = gw.Session("a fox", model=several)
    session.set(steps=30)
    killed = []

    def kill(event):
        if type(event).__name__ == "StepDone" and not killed:
            killed.append(os.kill(several.pool._links[0].ready.pid, signal.SIGKILL))

    session.subscribe(kill)
    generation = session.sample(6).wait(SECONDS)
    assert [c.id for c in generation] == list(range(6))
    (notice,) = session.view().notices
    assert notice.text == "worker 1 (cpu) is gone (signal 9): others paint its pictures"
    assert notice.times == 1
    session.close()


PARENT = """
import os, signal, sys, threading
import psutil
import guidewidgets as gw

engine = gw.Engine.load(sys.argv[1], workers=2)
session = gw.Session("a fox", model=engine)
made = session.sample(4, steps=2).wait()
family = [psutil.Process(), *psutil.Process().children(recursive=True)]
sockets = [c for one in family for c in one.net_connections() if c.status == "LISTEN" or c.raddr]
workers = [one.ready.pid for one in engine.pool._links]
assert set(workers) <= {one.pid for one in family}
assert "ray" not in sys.modules
session.sample(64, steps=900)
print(len(made), len(sockets), *workers, flush=True)
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("end", ["kill", "exit"])
def test_no_socket_and_no_orphan(folder, fresh, end):
    """Real processes this time, started afresh; their parent is killed, or just ends, in the middle of a job."""
    ended = fresh(PARENT, folder, end, check=False)
    made, sockets, *workers = map(int, ended.stdout.split())
    assert (made, sockets, len(workers)) == (4, 0, 2), ended.stderr
    deadline = time.monotonic() + 30
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in workers):
        assert time.monotonic() < deadline, "an orphan"
        time.sleep(0.05)
