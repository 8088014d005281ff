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


def test_only_the_thread_that_works_is_heard():
    told: list[str] = []
    with heard(told.append):
        caution("here")
        with heard(None), pytest.warns(UserWarning, match="nobody"):
            caution("nobody")
        with pytest.warns(UserWarning, match="elsewhere"), ThreadPoolExecutor() as other:
            other.submit(caution, "elsewhere").result(WAIT)
    assert told == ["here"]
