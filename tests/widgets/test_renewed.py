"""A session that is another one now: its widgets are handed over to new ones, in the same places of the page."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from conftest import SECONDS

from guidewidgets.session import Session
from guidewidgets.widgets.host import registry

HELLO = {"kind": "hello", "protocol": 1, "tile_px": 200}


class Page:
    """The far end of a widget's comm."""

    def __init__(self, widget) -> None:
        self.comm = widget.comm
        self.got: list[dict] = []
        self.comm.send = self.take

    def take(self, data=None, metadata=None, buffers=None) -> None:
        del metadata, buffers
        self.got.append(data)

    def say(self, content: object) -> None:
        self.comm.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def custom(self, kind: str) -> list[dict]:
        messages = [data["content"] for data in list(self.got) if data["method"] == "custom"]
        return [content for content in messages if content["kind"] == kind]


@pytest.fixture
def left(engine):
    """A session with two pictures, which a variable still holds."""
    session = Session("a fox", model=engine)
    session.set(steps=2)
    session.sample(2).wait(SECONDS)
    yield session
    session.close()


def until(condition):
    ready = threading.Event()
    for _ in range(SECONDS * 100):
        if value := condition():
            return value
        ready.wait(0.01)
    raise AssertionError("never came true")


def test_the_page_opens_what_is_offered_in_the_widget_that_offers_it(left, engine):
    session = Session("a fox", model=engine)
    old, lineage = session.workbench, session.lineage
    page = Page(old)
    page.say(HELLO)
    (snapshot,) = until(lambda: page.custom("snapshot"))
    assert snapshot["state"]["offers"] == ["“a fox” 2 pictures, just now"]
    page.say({"kind": "cmd", "req": "a", "name": "reopen", "args": {"which": 0}})
    until(lambda: page.custom("renewed"))
    page.say(HELLO)
    shown = until(lambda: page.custom("snapshot")[1:])[-1]["state"]
    assert [cell["slot"] for cell in shown["cells"]] == [0, 1]
    assert shown["offers"] == []
    until(lambda: session.lineage is not lineage)
    new = session.workbench
    assert (new.comm is page.comm, old.comm, registry()[page.comm.comm_id] is new) == (True, None, True)
    left.star(1)
    until(lambda: any(m["state"]["cells"][-1]["mark"] == "star" for m in page.custom("state")[-1:]))
    gone = weakref.ref(old)
    del old
    gc.collect()
    assert gone() is None
    assert new.comm is page.comm  # the old one's end was not the comm's
    session.close()


def test_what_is_out_of_range_is_refused_in_a_line(recorder):
    reply = recorder.ask("reopen", which=7)
    assert reply["error"]["message"] == "there is no offer 7"


def test_the_page_begins_anew(left):
    page = Page(left.workbench)
    page.say({"kind": "cmd", "req": "a", "name": "anew", "args": {}})
    until(lambda: page.custom("renewed"))
    page.say(HELLO)
    state = until(lambda: page.custom("snapshot"))[-1]["state"]
    assert (state["cells"], state["offers"]) == ([], ["“a fox” 2 pictures, just now"])
