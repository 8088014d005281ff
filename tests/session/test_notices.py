"""What the user is told: warnings out of the worker's depth arrive, and nothing is told twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import tiny
import torch

from guidewidgets import Engine, Session
from guidewidgets.caution import caution, heard

WAIT = 60


@pytest.fixture
def small(tmp_path):
    """A session on a device that holds two rows at a time."""
    engine = Engine.load(tiny.stable_diffusion(tmp_path))

    def full(_module, args):
        if len(args[0]) > 2:
            raise torch.OutOfMemoryError

    engine.pipeline.unet.register_forward_pre_hook(full)
    session = Session("a fox", model=engine, store=tmp_path / "trip")
    session.set(steps=2)
    yield session
    session.close()


def test_out_of_memory_in_the_worker_is_said_and_the_pictures_come(small):
    small.subscribe(lambda event: None)  # somebody looks on
    assert len(small.sample(4).wait(WAIT)) == 4
    said = [n for n in small.view().notices if "out of memory: going on with 2 rows" in n.text]
    assert [(n.level, n.times) for n in said] == [("warning", 1)]


def test_without_a_widget_python_warns(small):
    with pytest.warns(UserWarning, match="out of memory: going on with"):
        small.sample(4).wait(WAIT)


def test_the_same_line_again_takes_the_place_of_the_first(small):
    before = len(small.view().notices)
    for text in ("one", "two", "one", "two", "two"):
        small._state.notice("warning", text)
    assert [(n.text, n.times) for n in small.view().notices[before:]] == [("one", 2), ("two", 3)]


DOUBTFUL = "a cat AND NOT a dog ::3"


def texts(session):
    return [n.text for n in session.view().notices]


def test_a_doubt_goes_with_its_settings_and_comes_back_with_them(engine):
    session = Session("a fox on a beach", model=engine)
    session.subscribe(lambda event: None)
    session.prompt = DOUBTFUL
    doubt = [text for text in texts(session) if "outweighs" in text]
    assert len(doubt) == 1
    session.steps = 4  # it still holds
    assert set(doubt) <= set(texts(session))
    session.prompt = "a fox on a beach"
    assert "outweighs" not in str(texts(session))
    session.close()


def test_undo_takes_a_doubt_back(engine):
    session = Session("a fox on a beach", model=engine)
    session.subscribe(lambda event: None)
    session.prompt = DOUBTFUL
    session.undo()
    assert "outweighs" not in str(texts(session))
    session.redo()
    assert "outweighs" in str(texts(session))
    session.close()


def test_what_is_said_of_a_job_goes_when_the_next_begins(engine):
    session = Session("a fox on a beach", model=engine)
    session.subscribe(lambda event: None)
    assert any("Saved as you go" in text for text in texts(session))
    session.sample(1, prompt=DOUBTFUL, steps=2).wait(WAIT)
    assert "Saved as you go" not in str(texts(session))
    assert "outweighs" in str(texts(session))  # of that job, though the session's prompt is another
    session._state.notice("warning", "damaged")  # about the session: it stays
    session.sample(1, steps=2).wait(WAIT)
    assert texts(session) == ["damaged"]
    session.close()


def test_only_the_thread_that_works_is_heard():
    told: list[str] = []
    with heard(told.append):
        caution("here")
        with heard(None), pytest.warns(UserWarning, match="nobody"):
            caution("nobody")
        with pytest.warns(UserWarning, match="elsewhere"), ThreadPoolExecutor() as other:
            other.submit(caution, "elsewhere").result(WAIT)
    assert told == ["here"]
