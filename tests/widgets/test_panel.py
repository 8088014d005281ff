"""What all panels share, on one that does nothing of its own but echo."""

from __future__ import annotations

import threading
import time
from typing import ClassVar

import pytest

from guidewidgets.widgets import checks
from guidewidgets.widgets.handlers import Handler
from guidewidgets.widgets.panel import Panel


class Echo(Panel):
    KIND = "echo"
    COMMANDS: ClassVar = {
        "say": Handler(lambda panel, args, _: args["words"], {"words": checks.text(20)}),
        "weigh": Handler(lambda panel, args, buffers: sum(map(len, buffers)), upload=1_000),
        "turn": Handler(
            lambda panel, args, buffers: (None, [b[::-1] for b in buffers]), deferred=True, upload=9
        ),
        "trip": Handler(lambda panel, args, _: 1 // 0),
    }

    def state(self):
        return {"stars": [c.id for g in self.session.history for c in g.starred]}

    def news(self):
        return [1, 2]


@pytest.fixture
def echo(session):
    panel = Echo(session)
    sent: list[tuple[dict, list[bytes]]] = []
    panel.send = lambda content, buffers=None: sent.append((content, list(buffers or [])))
    panel.sent = sent
    yield panel
    panel.close()


def found(panel, condition, seconds=120):
    end = time.monotonic() + seconds
    while not (value := next((m for m in list(panel.sent) if condition(m[0])), None)):
        assert time.monotonic() < end, panel.sent[-3:]
        time.sleep(0.005)
    return value


def ask(panel, name, buffers=(), **args):
    req = f"t-{time.monotonic_ns()}"
    panel._handle_custom_msg({"kind": "cmd", "req": req, "name": name, "args": args}, list(buffers))
    return found(panel, lambda c: c.get("req") == req)


def test_hello_is_answered_with_everything(echo, session):
    echo._handle_custom_msg({"kind": "hello", "protocol": 1, "tile_px": 300}, [])
    content, _ = found(echo, lambda c: c["kind"] == "snapshot")
    assert content["state"] | {"notices": []} == {
        "version": session.view().version,
        "job": None,
        "notices": [],
        "stars": [],
    }
    assert "Saved as you go" in content["state"]["notices"][0]["text"]
    assert echo.tile_px == 300
    assert echo.kind == "echo"


def test_commands_of_its_own_and_of_all(echo, session):
    assert ask(echo, "say", words="hello")[0]["value"] == "hello"
    session.sample(2, steps=2).wait(60)
    assert ask(echo, "mark", slots=[1], mark="star")[0]["ok"]
    assert session[1].starred
    assert found(echo, lambda c: c["kind"] == "state" and c["state"]["stars"] == [1])
    reply, buffers = ask(echo, "image", slot=1)
    assert reply["value"]["exact"]
    assert len(buffers) == 1
    assert ask(echo, "undo")[0]["ok"]
    assert not session[1].starred


def test_buffers_travel_both_ways_within_their_limits(echo):
    assert ask(echo, "weigh", [b"abc", bytearray(5), memoryview(b"xy")])[0]["value"] == 10
    assert ask(echo, "turn", [b"abc"])[1] == [b"cba"]
    too_much = ask(echo, "weigh", [bytes(1_001)])[0]["error"]["message"]
    assert too_much == "weigh came with 1,001 bytes; 1,000 are allowed"
    assert "64 are allowed" in ask(echo, "weigh", [b""] * 65)[0]["error"]["message"]
    assert "8,388,608 are allowed" in ask(echo, "weigh", [bytes(9 << 20)])[0]["error"]["message"]
    assert "must be bytes" in ask(echo, "weigh", ["text"])[0]["error"]["message"]
    assert "bytes; 0 are allowed" in ask(echo, "say", [b"x"], words="")[0]["error"]["message"]


def test_no_more_requests_wait_than_anybody_will_see(echo):
    free = threading.Event()
    echo._sender.task(free.wait)  # the sender's thread is busy
    for i in range(40):
        echo._handle_custom_msg({"kind": "cmd", "req": f"l{i}", "name": "turn", "args": {}}, [b"abc"])
    free.set()
    replies = [found(echo, lambda c, i=i: c.get("req") == f"l{i}")[0] for i in range(40)]
    assert [r["ok"] for r in replies] == [True] * 16 + [False] * 24
    assert "16 requests are waiting" in replies[-1]["error"]["message"]
    assert ask(echo, "turn", [b"abc"])[1] == [b"cba"]


def test_a_ping_is_answered_while_the_senders_thread_is_at_work(echo):
    free = threading.Event()
    echo._sender.task(free.wait)
    echo._handle_custom_msg({"kind": "ping"}, [])
    assert found(echo, lambda c: c["kind"] == "pong")
    free.set()


def test_another_widget_says_only_what_is_new(echo, session):
    session._state.notice("warning", "late")
    other = type(echo)(session)
    session._state.notice("warning", "later")
    told = [n["text"] for n in other.whole_state()["notices"]]
    other.close()
    assert told == ["later"]
    assert [n["text"] for n in echo.whole_state()["notices"]][-2:] == ["late", "later"]


def test_every_refusal_is_one_line(echo, session):
    for name, args in (
        ("say", {}),
        ("say", {"words": 3}),
        ("nothing", {}),
        ("image", {"slot": 7}),
        ("redo", {}),
    ):
        error = ask(echo, name, **args)[0]["error"]
        assert error["message"]
        assert "\n" not in error["message"]
    error = ask(echo, "trip")[0]["error"]
    assert error["message"].startswith("ZeroDivisionError")
    assert "Traceback" in error["detail"]
    assert session.history == ()


def test_news_go_with_frames_that_are_acknowledged(echo):
    echo._sender.flow.patience = 600  # else a machine that pauses takes the page for gone
    for seq in (1, 2):
        echo.touch()
        found(echo, lambda c, seq=seq: c["kind"] == "frame" and c["seq"] == seq)
    for _ in range(3):
        echo.touch()
        time.sleep(0.12)
    frames = [c for c, _ in echo.sent if c["kind"] == "frame"]
    assert len(frames) == 2  # the window
    assert frames[0]["news"] == [1, 2]
    echo._handle_custom_msg({"kind": "ack", "seq": frames[-1]["seq"]}, [])
    found(echo, lambda c: c["kind"] == "frame" and c["seq"] == frames[-1]["seq"] + 1)


def test_the_page_writes_no_traits(echo, caplog):
    echo.set_state({"kind": "grid", "still": {}})
    assert echo.kind == "echo"
    assert "tried to set 'kind', 'still'" in caplog.text
