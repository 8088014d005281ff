"""Sketch many, finish few: what was begun, which were picked, and that it is recorded, kept and made again."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.guide import MeanColour
from guidewidgets.session import Candidate, Session

SECONDS = 60


@pytest.fixture
def session(engine):
    session = Session("a cat AND a hat", model=engine, seed=4)
    session.set(steps=2)
    yield session
    session.close()


def test_the_best_of_many_are_finished(session, engine):
    made = session.sample(3, of=8, seed=5).wait(SECONDS)
    assert len(made) == 3
    begun = engine.noise(8, 5)
    indices = [c.recipe.parameters["index"] for c in made]
    assert len(set(indices)) == 3
    for one, index in zip(made, indices, strict=True):
        assert torch.equal(one.genome.latent, begun[index])
        assert list(one.holds) == ["a cat", "a hat"]
    least = [min(c.holds.values()) for c in made]
    assert least == sorted(least, reverse=True)
    everyone = session.sample(8, of=8, seed=5).wait(SECONDS)
    assert [c.recipe.parameters["index"] for c in everyone][:3] == indices


def test_an_objective_picks_what_loses_least(session):
    made = session.sample(4, of=4, pick=MeanColour((1, 0, 0)), seed=6).wait(SECONDS)
    losses = [c.recipe.parameters["loss"] for c in made]
    assert losses == sorted(losses)
    assert made[0].holds == {}


def test_texts_are_looked_for_whatever_the_prompt_joins(session, tmp_path):
    made = session.sample(2, of=4, pick=["a cat", "a hat"], prompt="a cat and a hat", seed=5).wait(SECONDS)
    assert list(made[0].holds) == ["a cat", "a hat"]
    # the sketches are of another prompt, and the lift is that of the texts alone
    other = session.sample(2, of=4, pick=("a hat",), prompt="a cat and a hat", seed=5).wait(SECONDS)
    assert [list(c.holds) for c in other] == [["a hat"], ["a hat"]]
    assert other[0].holds["a hat"] >= made[0].holds["a hat"]
    session.save(tmp_path / "trip.gw")
    again = Session.open(tmp_path / "trip.gw")
    assert [c.holds for c in again.history[-1]] == [c.holds for c in other]
    assert "pick=['a cat', 'a hat']" in session.code()
    again.close()


def test_a_taste_that_knows_nothing_takes_the_first_and_says_so(session):
    made = session.sample(2, of=5, pick="taste").wait(SECONDS)
    assert [c.recipe.parameters["index"] for c in made] == [0, 1]
    assert any("no better than chance" in notice.text for notice in session.view().notices)


def test_it_is_recorded_kept_and_made_again(session, tmp_path):
    made = session.sample(2, of=4).wait(SECONDS)
    assert "of=4" in session.code()
    session.save(tmp_path / "trip.gw")
    again = Session.open(tmp_path / "trip.gw")
    assert [c.holds for c in again.history[-1]] == [c.holds for c in made]
    made[0].save(tmp_path / "one.png")
    assert Candidate.load(tmp_path / "one.png").holds == made[0].holds
    again.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"of": 2}, "of=2"),
        ({"of": 2.5}, "of=2.5"),
        ({"of": 10**6}, "of=1000000"),
        ({"pick": "taste"}, "without of"),
        ({"of": 8, "pick": "luck"}, "pick='luck'"),
        ({"of": 8, "pick": []}, r"pick=\[\]"),
        ({"of": 8, "pick": ["a cat", 3]}, "pick="),
        ({"of": 8, "pick": ["cat " * 200]}, "cat"),
    ],
)
def test_bad_arguments_are_refused_at_once(session, arguments, says):
    with pytest.raises((ValueError, TypeError), match=says):
        session.sample(3, **arguments)
    with pytest.raises(TypeError, match="pick=3"):
        session.sample(3, of=8, pick=3)
    assert not session.history
