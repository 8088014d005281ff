"""Workers that are killed, stand still or run out of memory: no picture is lost, none comes twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import contextmanager

import pytest
from painting import alike, paint, pictures

from guidewidgets.engine.workers import link
from guidewidgets.engine.workers.renderer import Local, Order

PROVE = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


def back(engine, gone):
    """Wait for another in the place of a process that was killed; how often it was told that it is gone."""
    told = 0
    while True:
        ready = [one.ready for one in engine.pool._links]
        whole = all(one and one.pid != gone for one in ready)
        told += len(paint(engine.renderer, pictures(engine, 1, 1))[3])
        if whole:
            return told
        time.sleep(0.05)


@contextmanager
def at_some_moment(act, longest, rng):
    """Do something to a process at a random moment of what is done meanwhile."""
    timer = threading.Timer(rng.random() * longest, act)
    timer.start()
    yield
    timer.join()


def seconds_of(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


@pytest.mark.parametrize("kills", [200 if PROVE else 3])
def test_killed_workers_lose_nothing(load, forks, kills):
    engine, rng = load(2), random.Random(5)
    genomes = pictures(engine, 4, 12)
    expected = paint(Local(engine), genomes)[0]
    longest = seconds_of(lambda: paint(engine.renderer, genomes))
    told = 0
    for _ in range(kills):
        # A place whose workers die three times in a row over their first pictures is given up: not here.
        victim = rng.choice(
            [one for one in engine.pool._links if one.painted or one.vain < link.VAIN - 1]
        ).ready.pid
        with at_some_moment(lambda victim=victim: os.kill(victim, signal.SIGKILL), longest, rng):
            pixels, _, _, cautions = paint(engine.renderer, genomes)
        assert alike(pixels, expected)
        assert all("is gone (signal 9): others paint its pictures" in text for text in cautions)
        told += len(cautions)
        told += back(engine, victim)
    assert told == kills  # one notice each


def test_the_last_worker_fails_what_is_under_way_and_the_next_begins_anew(load, forks):
    engine = load(1)
    genomes = pictures(engine, 2, 400)
    seen = []

    def kill(frame):
        seen.append(frame)
        if len(seen) == 2:
            os.kill(forks.started[-1], signal.SIGKILL)

    with pytest.raises(RuntimeError, match=r"the last worker is gone \(signal 9\): what it finished is kept"):
        paint(engine.renderer, genomes, on_frame=kill)
    short = pictures(engine, 2)
    assert alike(paint(engine.renderer, short)[0], paint(Local(engine), short)[0])


def test_workers_that_die_before_their_first_picture_come_again_but_not_for_ever(load):
    engine, dead = load(2), []
    other, place = engine.pool._links
    for left in reversed(range(link.VAIN)):
        dead.append(place.ready.pid)
        os.kill(dead[-1], signal.SIGKILL)
        begun = time.monotonic()
        while (place.ready is None or place.ready.pid in dead) if left else place.alive:
            assert time.monotonic() < begun + 30
            time.sleep(0.01)
    genomes = pictures(engine, 4)
    pixels, _, _, cautions = paint(engine.renderer, genomes)
    assert alike(pixels, paint(Local(engine), genomes)[0])
    assert cautions == ["worker 2 (cpu) is gone (signal 9): others paint its pictures"] * link.VAIN
    assert place.line() == "worker 2 (cpu): gone (signal 9)"
    assert other.painted == 4


def test_pictures_that_kill_every_worker_are_given_up(load, forks):
    engine = load(4)
    dead = []

    def kill(frame):
        for one in engine.pool._links:
            if any(0 in chunk.places for chunk in one.chunks.values()) and one.ready.pid not in dead:
                dead.append(one.ready.pid)
                os.kill(dead[-1], signal.SIGKILL)

    with pytest.raises(RuntimeError, match="3 workers died painting the same pictures"):
        paint(engine.renderer, pictures(engine, 1, 900), on_frame=kill)
    assert len(dead) == 3


@pytest.mark.parametrize("stops", [20 if PROVE else 1])
def test_a_worker_that_stands_still_is_replaced(load, forks, monkeypatch, stops):
    monkeypatch.setattr(link, "HANGS", link.HANGS if PROVE else 2.5)
    engine, rng = load(2), random.Random(8)
    genomes = pictures(engine, 4, 12)
    expected = paint(Local(engine), genomes)[0]
    for _ in range(stops):
        paint(engine.renderer, genomes)
        victim = rng.choice([one for one in engine.pool._links if one.ready]).ready.pid
        os.kill(victim, signal.SIGSTOP)
        threading.Timer(10, lambda victim=victim: _go_on(victim)).start() if PROVE else None
        pixels, _, _, cautions = paint(engine.renderer, genomes)
        assert alike(pixels, expected)
        assert [("no sign of life" in text) for text in cautions] == [True]
        back(engine, victim)


def _go_on(pid):
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return


def test_a_worker_out_of_memory_leaves_its_pictures_to_others(load, forks):
    """The second of two may take no more than 250 MB beyond what it had before it loaded anything."""
    forks.limits[:] = [None, 250 << 20]
    engine = load(2)
    assert all(one.ready for one in engine.pool._links)
    large = engine.genomes(engine.noise(2, 1, (256, 256)), "a fox", steps=1, guidance=1.0)
    *_, cautions = paint(engine.renderer, large, Order(previews=False))
    assert "worker 2 (cpu) ran out of memory: others paint its pictures" in cautions
