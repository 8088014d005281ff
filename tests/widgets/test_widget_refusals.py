"""What a widget refuses, and what goes wrong in it: said in one line, and nothing else happens."""

from __future__ import annotations

import contextlib
import threading

import pytest
from hypothesis import HealthCheck, assume, given, settings
from test_messages import JSON, NEARLY, parse

from guidewidgets.widgets import handlers
from guidewidgets.widgets.checks import ProtocolError
from guidewidgets.widgets.protocol import Command
from guidewidgets.widgets.sender import MOST_WAITING
from guidewidgets.widgets.uploads import PIECE


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("sample", {"n": 0}, "n=0: expected at least 1"),
        ("sample", {"n": 5000}, "n=5000: expected at most 1000"),
        ("sample", {"n": 1, "steps": 5000}, "steps must lie between 1 and 1000"),
        ("set", {"sampler": "plms"}, "sampler='plms': expected one of"),
        ("mark", {"slots": [99], "mark": "star"}, "no candidate 99"),
        ("evolve", {"n": 3}, "no parents: star at least one image"),
        ("image", {"slot": 99}, "no candidate 99"),
        ("undo", {}, None),
        ("redo", {}, "nothing to redo"),
    ],
)
def test_what_the_session_refuses_is_said_in_one_line(recorder, session, name, args, says):
    reply = recorder.ask(name, **args)
    assert reply["ok"] is (says is None)
    if says:
        assert says in reply["error"]["message"]
        assert "\n" not in reply["error"]["message"]
        assert "Traceback" in reply["error"]["detail"]
    assert session.view().jobs == ()
    assert recorder.ask("sample", n=1)["ok"]  # the session goes on
    recorder.idle()


def test_a_prompt_that_cannot_be_read_says_where(recorder, session):
    error = recorder.ask("sample", n=1, prompt="a fox AND")["error"]
    assert (error["line"], error["column"]) == (1, 10)
    assert session.history == ()


def test_an_unknown_word_is_warned_about_only_when_the_prompt_changes(recorder, session):
    """Equal settings are no event: pressing Generate twice leaves one thing to undo per generation."""
    for _ in range(2):
        recorder.ask("sample", n=1, prompt="a fox on a beach", steps=2, guidance=session.guidance)
        recorder.idle()
    assert session.undo()
    assert session.undo()
    assert session.undo()  # the fixture's steps
    assert not session.undo()


def test_an_unexpected_error_reaches_the_page_and_the_log(recorder, session, monkeypatch, caplog):
    monkeypatch.setitem(handlers.COMMON, "undo", handlers.Handler(lambda *_: 1 / 0))
    reply = recorder.ask("undo")
    assert reply["error"]["message"] == "ZeroDivisionError: division by zero"
    assert "Traceback" in reply["error"]["detail"]
    assert "command undo failed" in caplog.text


def test_a_failing_job_is_a_notice_with_its_traceback(recorder, session, monkeypatch):
    def fail(*_args, **_kwargs):
        raise FloatingPointError("latents are not finite")

    monkeypatch.setattr(session.engine, "sample", fail)
    recorder.ask("sample", n=2)
    recorder.idle()
    notice = recorder.kinds("state")[-1]["state"]["notices"][-1]
    assert notice["level"] == "error"
    assert "latents are not finite" in notice["text"]
    assert "Traceback" in notice["detail"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON | NEARLY)
def test_nothing_a_page_says_escapes_or_enqueues(recorder, session, content):
    with contextlib.suppress(ProtocolError):
        assume(not isinstance(parse(content), Command))
    recorder.say(content)
    view = session.view()
    assert view.jobs == ()
    assert view.generation is None


def test_a_flood_of_requests_is_refused_while_so_many_wait(recorder, session):
    recorder.ask("sample", n=1)
    recorder.idle()
    free = threading.Event()
    recorder.widget._sender.task(free.wait)  # the sender's thread is busy
    names = ["image", "png", "change", "origin", "code"]
    for i in range(200):
        args = {} if names[i % 5] == "code" else {"slot": 0}
        recorder.say({"kind": "cmd", "req": f"f{i}", "name": names[i % 5], "args": args})
    free.set()
    recorder.until(lambda: sum(c["req"].startswith("f") for c in recorder.kinds("reply")) == 200)
    replies = {c["req"]: c for c in recorder.kinds("reply")}
    busy = [i for i in range(200) if "are waiting" in replies[f"f{i}"].get("error", {}).get("message", "")]
    assert busy == list(range(MOST_WAITING, 200))
    assert [replies[f"f{i}"]["ok"] for i in range(5)] == [
        True,
        True,
        False,
        False,
        True,
    ]  # nothing to compare with
    assert recorder.ask("image", slot=0)["ok"]


def test_bytes_come_only_with_the_command_that_takes_them_and_no_more_than_it_takes(recorder, session):
    restore = {"name": "fox.exe", "token": "t", "part": 0, "parts": 2}
    bare = {name: {} for name in ("undo", "redo", "cancel", "code")}
    for name, args in {**bare, "image": {"slot": 0}, "sample": {"n": 1}}.items():
        assert "came with 1 bytes; 0 are allowed" in recorder.ask(name, [b"x"], **args)["error"]["message"]
    assert session.view().jobs == ()
    assert recorder.ask("restore", [bytes(PIECE)], **restore)["ok"]
    more = recorder.ask("restore", [bytes(PIECE), b"x"], **restore)["error"]["message"]
    assert more == f"restore came with {PIECE + 1:,} bytes; {PIECE:,} are allowed"


def test_a_billion_children_are_refused_at_once(recorder, session):
    recorder.ask("sample", n=2)
    recorder.idle()
    session.star(0, 1)
    reply = recorder.ask("evolve", n=2**40)  # a list of so many would end the process
    assert "expected at most" in reply["error"]["message"]
