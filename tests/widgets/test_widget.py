"""The widget's Python side: what it sends when, what it does with what it gets, what it leaves behind."""

from __future__ import annotations

import contextlib
import io
import threading
import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from PIL import Image
from test_messages import JSON, NEARLY, parse

from guidewidgets.session import Session
from guidewidgets.widgets import GridWidget, handlers
from guidewidgets.widgets.checks import ProtocolError
from guidewidgets.widgets.flow import WINDOW
from guidewidgets.widgets.protocol import Command
from guidewidgets.widgets.sender import MOST_WAITING
from guidewidgets.widgets.uploads import PIECE

SECONDS = 60
HELLO = {"kind": "hello", "protocol": 1, "tile_px": 200}


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def finals(recorder) -> dict[int, bytes]:
    """Final pictures the page has got, the newest of each tile."""
    got = {}
    for content, buffers in recorder.sent:
        for tile, data in zip(content.get("tiles", []), buffers, strict=False):
            if tile["final"]:
                got[tile["slot"]] = data
    return got


def test_hello_is_answered_with_everything(recorder, session):
    recorder.ask("sample", n=3)
    recorder.idle()
    recorder.sent.clear()
    recorder.say(HELLO)
    recorder.until(lambda: recorder.kinds("snapshot"))
    content, buffers = next(sent for sent in recorder.sent if sent[0]["kind"] == "snapshot")
    assert [cell["slot"] for cell in content["state"]["cells"]] == [c.id for c in session.history[0]]
    for tile, data in zip(content["tiles"], buffers, strict=True):
        assert tile["exact"]
        assert pixels(data).tobytes() == session[tile["slot"]].image.tobytes()  # lossless


def test_a_generation_arrives_live_and_ends_with_the_exact_pixels(recorder, session):
    assert recorder.ask("sample", n=4, prompt="a hat", steps=6)["ok"]
    recorder.idle()
    assert str(session.prompt) == "a hat"
    previews = [t for frame in recorder.kinds("frame") for t in frame["tiles"] if not t["final"]]
    assert previews
    got = finals(recorder)
    assert set(got) == {c.id for c in session.history[0]}
    assert all(pixels(got[c.id]).tobytes() == c.image.tobytes() for c in session.history[0])
    assert [frame["seq"] for frame in recorder.kinds("frame")] == list(
        range(1, len(recorder.kinds("frame")) + 1)
    )


def test_without_acknowledgements_frames_stop_at_the_window(recorder, session):
    recorder.widget._sender.flow.patience = 600  # else a machine that pauses takes the page for gone
    session.sample(2, steps=900)
    end = time.monotonic() + SECONDS
    while len(recorder.kinds("frame")) < WINDOW:
        assert time.monotonic() < end
        time.sleep(0.005)
    time.sleep(0.5)
    assert len(recorder.kinds("frame")) == WINDOW
    session.cancel()
    recorder.idle()


def test_marks_are_one_event_and_come_back_in_the_state(recorder, session):
    recorder.ask("sample", n=3)
    recorder.idle()
    assert recorder.ask("mark", slots=[0, 2], mark="star")["ok"]
    assert [c.starred for c in session.history[0]] == [True, False, True]
    state = recorder.kinds("state")[-1]["state"]
    assert [cell["mark"] for cell in state["cells"]] == ["star", "none", "star"]
    assert state["parents"] == [0, 2]
    assert recorder.ask("mark", slots=[2], mark="reject")["ok"]
    assert session[2].rejected
    recorder.ask("undo")
    recorder.ask("undo")
    assert not any(c.starred or c.rejected for c in session.history[0])


def test_a_star_on_a_picture_being_painted_is_kept_for_it(recorder, session):
    job = session.sample(3, steps=40)
    recorder.until(lambda: recorder.kinds("frame"))
    assert recorder.ask("mark", slots=[1], mark="star")["ok"]
    recorder.until(lambda: recorder.kinds("state")[-1]["state"]["cells"][1]["mark"] == "star")
    assert job.state == "running"
    recorder.idle()
    recorder.until(lambda: session[1].starred)
    assert not session[0].starred


def test_a_star_on_a_picture_that_never_came_is_forgotten(recorder, session):
    session.sample(3, steps=400)
    recorder.until(lambda: recorder.kinds("frame"))
    recorder.ask("mark", slots=[1], mark="star")
    assert recorder.ask("cancel")["ok"]
    recorder.idle()
    assert recorder.widget._pending.marks == {}
    assert recorder.kinds("state")[-1]["state"]["cells"] == []


def test_evolve_names_its_parents_and_undo_brings_the_old_pictures_back(recorder, session):
    recorder.ask("sample", n=3)
    recorder.idle()
    recorder.ask("mark", slots=[0, 1], mark="star")
    recorder.ask("evolve", n=2)
    recorder.idle()
    assert {p for c in session.history[1] for p in c.recipe.parent_ids} == {0, 1}
    assert recorder.kinds("state")[-1]["state"]["title"] == "2 children of 0, 1"
    recorder.sent.clear()
    recorder.ask("undo")
    recorder.idle()
    assert set(finals(recorder)) == {0, 1, 2}


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


def test_large_pictures_travel_small_and_come_exact_on_demand(engine, record):
    session = Session("a fox", model=engine)
    with pytest.warns(UserWarning, match="far from this model's own"):
        session.set(steps=1, size=(192, 160))
    session.sample(1).wait(60)
    recorder = type(record())(session)
    recorder.say(HELLO | {"tile_px": 300})
    recorder.until(lambda: recorder.kinds("snapshot"))
    content, buffers = next(sent for sent in recorder.sent if sent[0]["kind"] == "snapshot")
    assert content["tiles"] == [
        {"slot": 0, "w": 192, "h": 160, "media_type": "image/jpeg", "final": True, "exact": False}
    ]
    assert pixels(buffers[0]).size == (192, 160)
    reply = recorder.ask("image", slot=0)
    assert reply["value"]["exact"]
    data = next(buffers[0] for content, buffers in recorder.sent if content is reply)
    assert pixels(data).tobytes() == session[0].image.tobytes()
    recorder.widget.close()


def test_unknown_arguments_are_refused(session):
    with pytest.raises(TypeError, match="colour"):
        GridWidget(session, colour="red")
    with pytest.raises(Exception, match="workbench"):
        GridWidget(session, mode="bench")


def test_sessions_show_widgets(session):
    assert session.grid is session.grid
    assert session.grid.mode == "grid"
    data, _ = session._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] != session.grid.model_id
    for widget in session._widgets.values():
        widget.close()


def test_close_ends_thread_and_subscription(session):
    before = set(threading.enumerate())
    widget = GridWidget(session)
    assert session._state.watched
    widget.close()
    assert set(threading.enumerate()) <= before  # the worker of an earlier test may end meanwhile
    assert not session._state.watched
