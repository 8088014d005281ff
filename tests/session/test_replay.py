"""A run that was made elsewhere, walked through without its model."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import pytest
from stored import SECONDS, content

import guidewidgets as gw
from guidewidgets.session import engine_ref as models


@pytest.fixture
def run(begun, tmp_path):
    begun.prompt = "a fox AND a hat"
    begun.cross(n=2).wait(SECONDS)
    begun.mutate(6, n=1).wait(SECONDS)
    begun.undo()
    begun.to_replay(tmp_path / "run.gw")
    begun.star(7)  # not in the copy
    return tmp_path / "run.gw"


@pytest.fixture
def no_model(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(models.Engine, "load", refuse)


def test_it_steps_through_what_was_done(run, begun, no_model):
    data = run.read_bytes()
    replay = gw.Replay(run)
    moments = list(replay)
    assert len(moments) == len(replay) == replay.at == 5
    assert [m.code.split("(")[0].split(" =")[0] for m in moments] == [
        "s.steps",
        "s.sample",
        "s.star",
        "s.prompt",
        "s.cross",
    ]
    assert [m.new for m in moments] == [False, True, False, False, True]
    assert content(moments[-1].generation[1]) == content(begun[7])
    assert moments[1].generation[2].film == begun[2].film
    assert not replay.session[7].starred
    replay.goto(2)
    assert len(replay.session.history) == 1
    assert not replay.session[1].starred
    assert replay.back().code.startswith("s.steps")
    assert replay.back() is None
    assert replay.back() is None
    with pytest.raises(IndexError, match="5 steps"):
        replay.goto(6)
    with pytest.raises(ValueError, match=r"open it with Session\.open"):
        replay.session.sample(1)
    replay.close()
    assert run.read_bytes() == data


def test_nothing_of_it_is_left(run, no_model):
    before = set(Path(tempfile.gettempdir()).iterdir())
    replay = gw.Replay(run)
    replay.forward()
    del replay
    gc.collect()
    assert set(Path(tempfile.gettempdir()).iterdir()) == before
    assert list(run.parent.glob(".run*")) == []


def test_what_is_no_session_is_refused(tmp_path):
    (tmp_path / "x.gw").write_bytes(b"PK")
    before = set(Path(tempfile.gettempdir()).iterdir())
    for name in ("x.gw", "missing.gw"):
        with pytest.raises(gw.SessionFileError):
            gw.Replay(tmp_path / name)
    assert set(Path(tempfile.gettempdir()).iterdir()) == before


def test_a_notebook_shows_the_workbench(run, no_model):
    replay = gw.Replay(run)
    replay.forward()
    replay.forward()
    data, _ = replay._repr_mimebundle_()
    assert data["text/html"].count("data:image/jpeg") == 6
    replay.close()
