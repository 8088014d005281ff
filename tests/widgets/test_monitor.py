"""The monitor without a page: levers show what was asked for until it has taken effect."""

from __future__ import annotations

import threading
import time

from torch import Tensor

from guidewidgets.session.worker.worker import worker_of
from guidewidgets.vision import Objective
from guidewidgets.widgets import MonitorPanel

SECONDS = 60


class Gated(Objective):
    """A loss that waits at a gate, so that a test holds a step in its middle."""

    def __init__(self) -> None:
        self.gate, self.inside = threading.Event(), threading.Event()
        self.gate.set()

    @property
    def name(self) -> str:
        return "Gated"

    def bind(self, encoder: object):
        def loss(images: Tensor) -> Tensor:
            self.inside.set()
            assert self.gate.wait(SECONDS)
            return images.mean(dim=(1, 2, 3))

        return loss


def until(check):
    end = time.monotonic() + SECONDS
    while not check():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def test_a_step_that_was_under_way_does_not_undo_what_was_asked_for(session):
    """Paused, the job's step goes on to its end; a change made meanwhile has not taken effect by then."""
    session.sample(1).wait(SECONDS)
    loss = Gated()
    job = session.optimize(0, loss, steps=10_000, lr=0.05)
    panel = MonitorPanel(session)
    until(lambda: job.control.frames)
    loss.gate.clear()
    loss.inside.clear()
    assert loss.inside.wait(SECONDS)
    made = len(job.control.frames)
    job.pause()
    panel._handle_custom_msg(
        {"kind": "cmd", "req": "1", "name": "change", "args": {"part": "Gated", "weight": 4.0}}, []
    )
    panel._handle_custom_msg({"kind": "cmd", "req": "2", "name": "change", "args": {"lr": 0.1}}, [])
    loss.gate.set()
    until(lambda: worker_of(session.engine.network.module)._thread is None)
    assert len(job.control.frames) > made
    assert job.control.changes == {}
    run = panel.state()["run"]
    assert (run["state"], run["weights"], run["levers"]["lr"]) == ("paused", {"Gated": 4.0}, 0.1)
    job.resume()
    until(lambda: job.control.changes)
    assert job.control.asked() == {}
    run = panel.state()["run"]
    assert (run["weights"], run["levers"]["lr"]) == ({"Gated": 4.0}, 0.1)
    job.stop()
    job.wait(SECONDS)
    panel.close()


def test_the_levers_are_sent_when_it_begins(session):
    """When a job is queued its levers are not known yet; nothing but its first step tells that they are."""
    session.sample(1).wait(SECONDS)
    panel, sent = MonitorPanel(session), []
    panel.send = lambda content, buffers=None: sent.append(content)
    panel._handle_custom_msg({"kind": "hello", "protocol": 1, "tile_px": 100}, [])
    job = session.optimize(0, Gated(), steps=10_000, lr=0.05)
    until(lambda: any(c["state"]["run"] for c in sent if c["kind"] == "state"))

    def shown():
        runs = [c["state"]["run"] for c in sent if c["kind"] == "state"]
        return runs[-1] and runs[-1]["state"] == "running" and runs[-1]["levers"].get("lr") == 0.05

    until(shown)
    job.stop()
    job.wait(SECONDS)
    panel.close()
