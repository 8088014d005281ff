"""What pictures hold, measured when asked: against lifts of the encoded pictures, and without waiting."""

from __future__ import annotations

import threading

import pytest
import torch

from guidewidgets.generators import returned
from guidewidgets.guide.lift import lifts
from guidewidgets.guide.pictures import to_tensor
from guidewidgets.session import Session
from guidewidgets.session.actions.verify import LEVELS

SECONDS = 60


@pytest.fixture
def session(engine):
    session = Session("a cat AND a hat AND NOT a fox", model=engine, seed=4)
    session.set(steps=2)
    yield session
    session.close()


def by_hand(engine, candidates):
    z = engine.encode(torch.stack([to_tensor(one.image) for one in candidates]))
    prompts = [one.genome.prompt for one in candidates]
    return returned(lifts(engine, z, prompts, levels=LEVELS, negated=True))


def test_it_is_the_lift_of_the_picture_as_it_is_encoded(session, engine):
    made = session.sample(3).wait(SECONDS)
    assert session.verify(2).keys() == {2}
    assert session[0].holds == {}  # nothing is measured unasked
    found = session.verify()
    assert list(found) == [0, 1, 2]
    for one, expected in zip(made, by_hand(engine, made), strict=True):
        assert list(one.holds) == ["a cat", "a hat", "NOT a fox"]
        assert one.holds == found[one.id] == pytest.approx(expected, abs=1e-5)


def test_pictures_of_several_sizes_and_of_no_words_go_together(session, engine):
    session.sample(1).wait(SECONDS)
    width, height = session.size
    session.sample(1, size=(2 * width, height)).wait(SECONDS)
    session.sample(1, prompt="").wait(SECONDS)
    found = session.verify([1, 2, 0])
    assert set(found) == {0, 1}
    (expected,) = by_hand(engine, [session[1]])
    assert found[1] == pytest.approx(expected, abs=1e-5)


def test_it_goes_on_by_itself_and_tells_views(session):
    session.sample(2).wait(SECONDS)
    told = threading.Event()
    session.subscribe(lambda _: told.set() if session[1].holds else None)
    assert session.verify([1], wait=False) == {}
    assert told.wait(SECONDS)
    assert session[1].holds == pytest.approx(session.verify(1)[1], abs=1e-5)


def test_what_fails_behind_ones_back_is_told(session, monkeypatch):
    session.sample(1).wait(SECONDS)
    told = threading.Event()
    session.subscribe(lambda _: told.set() if session.view().notices else None)
    monkeypatch.setattr(session.engine, "encode", lambda _: 1 / 0)
    session.verify(wait=False)
    assert told.wait(SECONDS)
    assert "could not be measured" in session.view().notices[-1].text


def test_unknown_pictures_and_those_of_another_model_are_refused_at_once(session, monkeypatch):
    with pytest.raises(IndexError, match="no candidate 0"):
        session.verify(0, wait=False)
    assert session.verify() == {}
    session.sample(1).wait(SECONDS)
    monkeypatch.setattr(session.engine, "revision", "another")
    with pytest.raises(ValueError, match="was made by"):
        session.verify(wait=False)
