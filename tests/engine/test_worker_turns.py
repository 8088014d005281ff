"""Who is painted for first: the interactive, then whoever has least; never what nobody waits for or has cancelled."""

from __future__ import annotations

import time
from itertools import islice

import numpy as np
import pytest
from painting import alike, cancelled, paint, pictures, within

from guidewidgets.engine.workers import run
from guidewidgets.engine.workers.renderer import Local, Order

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


def test_cancelling_frees_the_workers_within_a_step(load):
    engine = load(2)
    cancelled(engine, pictures(engine, 12, 900))
    assert alike(*(paint(r, pictures(engine, 2))[0] for r in (engine.renderer, Local(engine))))


def test_interactive_ones_go_first(load):
    engine = load(1)
    batch = engine.renderer.render(pictures(engine, 6, 60), Order())
    while next(batch) is None:
        pass
    paint(engine.renderer, pictures(engine, 1, 3), Order(lane="interactive"))
    left = sum(frame is not None for frame in batch)
    assert left > 3  # the batch was not done first


def single(monkeypatch):
    """Chunks of one picture."""
    monkeypatch.setattr(run, "TOGETHER", 1)


def test_two_who_wait_share_the_workers(load, monkeypatch):
    single(monkeypatch)
    engine, done = load(2), []
    waiting = {i: engine.renderer.render(pictures(engine, 8, 2, seed=i), Order()) for i in range(2)}
    while waiting:
        for i, frames in list(waiting.items()):
            frame = next(frames, "over")
            if frame == "over":
                del waiting[i]
            elif frame is not None and frame.done is not None:
                done.append(i)
    assert sorted(done) == [0] * 8 + [1] * 8
    ahead = np.cumsum([1 if i == 0 else -1 for i in done])
    assert np.abs(ahead).max() <= 4  # of 8: the first took both workers before the second came


def test_what_nobody_waits_for_is_not_begun(load, monkeypatch):
    """As of a paused job: the worker is free for others."""
    single(monkeypatch)
    engine = load(1)
    frames = engine.renderer.render(pictures(engine, 6, 2), Order())
    while next(frames) is None:
        pass
    time.sleep(2 * run.WAITING)
    assert alike(*(paint(r, pictures(engine, 2))[0] for r in (engine.renderer, Local(engine))))
    assert sum(frame is not None and frame.done is not None for frame in frames) == 6


def test_what_nobody_waits_for_is_left_and_gone_on_with(load):
    """The same in the middle of a chunk."""
    engine = load(1)
    frames = engine.renderer.render(pictures(engine, 6, 900), Order(previews=False))
    while next(frames) is None:
        pass
    time.sleep(2 * run.WAITING)
    assert alike(*(paint(r, pictures(engine, 2))[0] for r in (engine.renderer, Local(engine))))
    (chunk,) = engine.pool._links[0].chunks.values()
    assert chunk.held
    seen = chunk.run.events.qsize()
    steps = [frame.step for frame in islice(filter(None, frames), seen + 3)]
    assert not chunk.held
    assert steps == list(range(2, seen + 5))
    frames.close()


def test_the_next_chunk_does_not_wait_for_who_saves_the_last(load, monkeypatch):
    """Whoever waits may be busy for a while with what it got."""
    single(monkeypatch)
    monkeypatch.setattr(run, "WAITING", 600)
    engine = load(2)
    frames = engine.renderer.render(pictures(engine, 8), Order())
    next(frame for frame in frames if frame is not None and frame.done is not None)
    within(60, lambda: sum(one.painted for one in engine.pool._links) == 8)
    assert sum(frame is not None and frame.done is not None for frame in frames) == 7


@pytest.mark.parametrize("slower", [1.0, 1.3, 2.0, 3.0])
@pytest.mark.parametrize("workers", [2, 3, 8])
def test_workers_of_different_speed_end_together(engine, workers, slower):
    """50 pictures of 6 steps, 0.1 s each on all but the first worker: within a picture of the best there is."""
    seconds = [0.1 * slower] + [0.1] * (workers - 1)
    asked = run.Run(pictures(engine, 50, 6), Order())
    ends, painted = [(0.0, i) for i in range(workers)], []
    while True:
        now, i = min(ends)
        others = [(seconds[j], (end - now) / (6 * seconds[j])) for end, j in ends if j != i]
        chunk = asked.next_chunk(i, seconds[i], others, len(painted))
        if chunk is None:
            break
        painted += chunk.places
        ends[i] = now + 6 * seconds[i] * len(chunk.places), i
    assert sorted(painted) == list(range(50))
    best = 50 * 6 / sum(1 / one for one in seconds)
    assert max(ends)[0] <= best + 6 * max(seconds)


def test_who_ends_late_takes_no_more():
    """By hand: 12 pictures for two workers alike and a third that has 20 to paint first: 6; with 3 first: (12+3)/3."""
    assert run.share(12, 0.1, [(0.1, 0.0), (0.1, 20.0)]) == pytest.approx(6)
    assert run.share(12, 0.1, [(0.1, 0.0), (0.1, 3.0)]) == pytest.approx(5)
    assert run.share(12, 0.1, [(0.3, 0.0)]) == pytest.approx(9)
