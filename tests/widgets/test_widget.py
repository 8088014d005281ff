"""The widget's Python side: what it sends when, what it does with what it gets, what it leaves behind."""

from __future__ import annotations

import io
import threading
import time

import pytest
from PIL import Image

from guidewidgets.session import Session
from guidewidgets.widgets import GridWidget
from guidewidgets.widgets.flow import WINDOW

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
