"""Sketches of a prompt under way: no trace, the newest wish, and rest for slow ones."""

from __future__ import annotations

import threading
import time

from guidewidgets.session.worker.live_preview import (
    DEBOUNCE,
    QUICK_STEPS,
    SLOW,
    LivePreviewer,
    PreviewRequest,
)


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_sketches_leave_no_trace(composed):
    shown, failed = [], []
    previewer = LivePreviewer(lambda: composed.engine, shown.append, failed.append)
    settings = composed.view().settings.replace(steps=QUICK_STEPS + 2)
    before = composed.view()
    previewer.request(PreviewRequest(settings, None, 0, full=False))
    wait_for(lambda: shown and shown[-1].done)
    assert shown[-1].steps == QUICK_STEPS
    assert shown[-1].pixels.shape == (16, 16, 3)
    previewer.request(PreviewRequest(settings, None, 0, full=True))
    wait_for(lambda: shown[-1].done and shown[-1].request.full)
    assert [s.step for s in shown if s.request.full] == list(range(1, QUICK_STEPS + 3))
    influence = shown[-1].attribution
    assert [text for text, _ in influence.concepts] == ["a cat", "a dog"]
    assert influence.maps.shape == (2, 8, 8)
    after = composed.view()
    assert (after.version, after.can_undo, after.jobs) == (before.version, before.can_undo, ())
    assert failed == []
    previewer.close()


def test_the_newest_wish_wins_and_every_drag_shows_something(composed):
    shown = []
    previewer = LivePreviewer(lambda: composed.engine, shown.append, lambda error: None)
    base = composed.view().settings
    prompts = [f"a cat ::{i / 10!r}" for i in range(1, 30)]
    wishes = [PreviewRequest(base.replace(prompt=prompt), None, 0, full=False) for prompt in prompts]
    for request in wishes:  # without a pause: a busy machine could finish a sketch in each
        previewer.request(request)
    wait_for(lambda: shown and str(shown[-1].request.settings.prompt) == prompts[-1])
    assert len([s for s in shown if s.done]) < len(prompts)
    previewer.close()


class Clock:
    """Time that a test moves."""

    now = 0.0

    def __call__(self):
        return self.now


def test_slow_sketches_wait_for_the_hand_to_rest(composed):
    shown, clock = [], Clock()
    previewer = LivePreviewer(lambda: composed.engine, shown.append, lambda error: None, clock)
    previewer._mean = SLOW + 1
    request = PreviewRequest(composed.view().settings, None, 0, full=False)
    previewer.request(request)
    assert previewer._timer is not None
    assert previewer._job is None  # the hand may go on
    wait_for(lambda: shown)
    previewer._timer = None
    previewer._mean = SLOW + 1
    previewer.request(request)
    clock.now = 3.5  # nothing was seen for longer than anybody waits
    previewer.request(request)
    assert previewer._job is not None
    assert DEBOUNCE < 1
    previewer.close()


def test_errors_of_a_sketch_are_told(composed, monkeypatch):
    failed = []
    over = threading.Event()
    previewer = LivePreviewer(
        lambda: composed.engine, lambda sketch: None, lambda e: (failed.append(e), over.set())
    )
    monkeypatch.setattr(
        type(composed.engine), "sample", lambda *_, **__: (_ for _ in ()).throw(MemoryError("no room"))
    )
    previewer.request(PreviewRequest(composed.view().settings, None, 0, full=True))
    assert over.wait(30)
    assert "no room" in str(failed[0])
    previewer.close()
