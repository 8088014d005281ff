"""Widgets on real sessions with a tiny random-weight pipeline; what they send is recorded instead of sent."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from guidewidgets.session import Session
from guidewidgets.widgets import GridWidget

SECONDS = 60


@pytest.fixture(scope="session")
def fixture():
    return json.loads((Path(__file__).parent / "fixture.json").read_text(encoding="utf-8"))


@pytest.fixture
def session(engine):
    session = Session("a fox on a beach", model=engine, seed=0)
    session.set(steps=2)
    return session


class Recorder:
    """The far end of a widget: what a page would have got, and a way to speak as one."""

    def __init__(self, session: Session, mode: str = "workbench") -> None:
        self.sent: list[tuple[dict, list[bytes]]] = []
        self.widget = GridWidget(session, mode=mode)
        self.widget.send = lambda content, buffers=None: self.sent.append((content, list(buffers or [])))

    def kinds(self, kind: str) -> list[dict]:
        return [content for content, _ in list(self.sent) if content["kind"] == kind]

    def say(self, content: object, buffers: Sequence[object] = ()) -> None:
        self.widget._handle_custom_msg(content, list(buffers))

    def ask(self, name: str, buffers: Sequence[object] = (), /, **args: object) -> dict:
        """Send a command and wait for its reply."""
        req = f"test-{len(self.sent)}-{time.monotonic_ns()}"
        self.say({"kind": "cmd", "req": req, "name": name, "args": args}, buffers)
        return self.until(lambda: next((c for c in self.kinds("reply") if c["req"] == req), None))

    def until(self, condition):
        """The first true value of the condition; acknowledges frames meanwhile, as a page does."""
        end = time.monotonic() + SECONDS
        acked = 0
        while not (value := condition()):
            assert time.monotonic() < end, f"never came true; sent: {[c for c, _ in self.sent][-3:]}"
            for frame in self.kinds("frame")[acked:]:
                acked += 1
                self.say({"kind": "ack", "seq": frame["seq"]})
            time.sleep(0.005)
        return value

    def idle(self) -> None:
        """Wait until the session rests, its state of then was sent, and the sender has nothing left.

        That there is nothing to send says too little: a message may just be being made.
        """
        self.until(lambda: not self.widget.session.view().jobs)
        before = len(self.kinds("state"))
        self.widget.changed()
        self.until(lambda: len(self.kinds("state")) > before and self.widget._sender.due() is None)


@pytest.fixture
def recorder(session):
    recorder = Recorder(session)
    yield recorder
    recorder.widget.close()


@pytest.fixture
def record(session):
    """Make more recorders on the same session."""
    made: list[Recorder] = []

    def make(mode: str = "workbench") -> Recorder:
        made.append(Recorder(session, mode))
        return made[-1]

    yield make
    for recorder in made:
        recorder.widget.close()
