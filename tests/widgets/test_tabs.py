"""The workbench's tabs: panels within its messages, made when they are looked at, gone when it is."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from ipywidgets.widgets import widget

from guidewidgets.widgets import ComposerPanel, MonitorPanel, SaliencyPanel

HELLO = {"kind": "hello", "protocol": 1, "tile_px": 200}


def tab(name: str, content: object) -> dict:
    return {"kind": "tab", "name": name, "content": content}


def heard(recorder, name: str, kind: str) -> list[dict]:
    inner = [c["content"] for c in recorder.kinds("tab") if c["name"] == name]
    return [content for content in inner if content["kind"] == kind]


@pytest.mark.parametrize("name", ["lineage", "composer", "saliency", "monitor", "taste"])
def test_a_tab_answers_with_everything_it_shows(recorder, session, name):
    session.sample(2).wait()
    recorder.say(tab(name, HELLO))
    snapshot = recorder.until(lambda: heard(recorder, name, "snapshot"))[0]
    assert snapshot["state"]["version"] > 0
    assert snapshot["state"].get("choices", [0, 1]) == [0, 1]


def test_a_command_in_a_tab_is_checked_done_and_answered_there(recorder, session):
    recorder.say(tab("lineage", HELLO))
    recorder.say(tab("lineage", {"kind": "cmd", "req": "a", "name": "sample", "args": {"n": 2}}))
    recorder.say(tab("lineage", {"kind": "cmd", "req": "b", "name": "sample", "args": {"n": "2"}}))
    replies = recorder.until(lambda: (r := heard(recorder, "lineage", "reply")) and len(r) == 2 and r)
    assert {reply["req"]: reply["ok"] for reply in replies} == {"a": True, "b": False}
    recorder.until(lambda: [len(generation) for generation in session.history] == [2])
    assert recorder.kinds("reply") == []


def test_nothing_is_made_before_it_is_looked_at_and_all_of_it_ends_with_the_workbench(record):
    before = set(threading.enumerate()), len(widget._instances)
    recorder = record()
    alone = len(widget._instances)
    recorder.say(tab("nothing", HELLO))
    recorder.say(tab("taste", tab("lineage", HELLO)))  # a tab has no tabs
    recorder.say(tab("composer", HELLO))
    recorder.until(lambda: heard(recorder, "composer", "snapshot"))
    assert len(widget._instances) == alone + 2
    recorder.widget.close()
    recorder.say(tab("monitor", HELLO))
    assert len(widget._instances) == before[1]
    assert not [t for t in set(threading.enumerate()) - before[0] if t.name == "guidewidgets-sender"]


def test_panels_offer_favourites_of_older_generations(session):
    session.sample(2).wait()
    session.star(1)
    session.sample(2).wait()
    for panel in (MonitorPanel, ComposerPanel, SaliencyPanel):
        with closing(panel(session)) as one:
            assert one.state()["choices"] == [2, 3, 1]
