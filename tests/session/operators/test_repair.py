"""Repair: what counts as one, and that a picture comes back better or as it was."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.generators import returned
from guidewidgets.genome import Genome
from guidewidgets.guide import repair as method
from guidewidgets.guide.lift import lifts
from guidewidgets.session import Session
from guidewidgets.widgets.state import origin

SECONDS = 120


@pytest.fixture
def session(engine):
    session = Session("a cat AND a hat", model=engine, seed=4)
    session.set(steps=2)
    session.sample(2).wait(SECONDS)
    yield session
    session.close()


def held(engine, candidate):
    """Lifts of a candidate's finished latent, computed apart from the code under test."""
    *_, last = engine.sample([candidate.genome])
    return returned(lifts(engine, last.x, [candidate.genome.prompt]))[0]


def notices(session):
    return [notice.text for notice in session.view().notices]


@pytest.mark.parametrize(
    ("holds", "concept"),
    [
        ({"cat": 0.5, "hat": 0.001}, "hat"),
        ({"cat": -0.5, "hat": 0.001}, "cat"),
        ({"cat": 0.5, "hat": 0.4}, ""),
        ({"cat": -1.0}, ""),
        ({}, ""),
    ],
)
def test_what_is_neglected(holds, concept):
    assert method.neglected(holds) == concept


def test_what_counts():
    before = {"cat": 0.5, "dog": -0.1, "hat": -0.2}
    assert method.counts(before, {"cat": 0.3, "dog": -0.3, "hat": 0.1}, "hat")
    assert not method.counts(before, {"cat": 0.0, "dog": 0.3, "hat": 0.1}, "hat")  # the cat was lost
    assert not method.counts(before, {"cat": 0.5, "dog": 0.3, "hat": 0.0}, "hat")  # still no hat
    little = {"cat": method.HELD / 2, "hat": -0.2}
    assert method.counts(little, {"cat": method.HELD / 2, "hat": 0.1}, "hat")
    assert not method.counts(
        little, {"cat": method.HELD / 3, "hat": 0.1}, "hat"
    )  # what little there was is lost


def test_what_holds_all_is_left_alone(session, monkeypatch):
    monkeypatch.setattr(method, "HELD", -1e9)
    (made,) = session.repair(1).wait(SECONDS)
    assert made.hash == session[1].hash
    assert "holds all that was asked" in notices(session)[-1]


def test_what_cannot_be_mended_comes_back_as_it_was(session, monkeypatch):
    monkeypatch.setattr(method, "HELD", 1e9)
    (made,) = session.repair(0, tries=4).wait(SECONDS)
    assert made.hash == session[0].hash
    assert (made.recipe.operator, made.recipe.parent_ids) == ("repair", (0,))
    assert "none of 4 variations of image 0" in notices(session)[-1]
    assert origin(session.history[-1]) == "nothing repaired: a copy of 0"


def test_a_variation_that_holds_more_takes_its_place(session, engine, monkeypatch):
    """Between what the picture holds least and what some variation does, lies the level that makes it a repair."""
    before = held(engine, session[0])
    monkeypatch.setattr(method, "HELD", min(before.values()) + 1e-4)
    (made,) = session.repair(0, tries=12, seed=3).wait(SECONDS)
    assert made.hash != session[0].hash
    assert origin(session.history[-1]) == "1 image repaired from 0"
    concept = made.recipe.parameters["concept"]
    assert before[concept] == min(before.values())
    after = held(engine, made)
    assert after[concept] > method.HELD
    assert all(after[one] >= method.HELD for one, lift in before.items() if lift >= method.HELD)
    for one, lift in after.items():
        assert made.holds[one] == pytest.approx(lift, abs=1e-5)  # fp32 sums in another layout
    again = session.repair(0, tries=12, seed=3).wait(SECONDS)[0]
    assert torch.equal(again.genome.latent, made.genome.latent)
    assert "s.repair(0, tries=12, seed=3)" in session.code()


def test_of_those_that_count_the_one_that_holds_most_is_taken(session, engine, monkeypatch):
    """Whatever the sketches say: here they are noise, and so is their order."""
    finished: list[Genome] = []

    def walk(genomes, rough):
        yield
        if rough:
            return engine.noise(len(genomes), 11)
        finished.extend(genomes)
        *_, last = engine.sample(genomes)
        return last.x

    before = held(engine, session[0])
    monkeypatch.setattr(method, "HELD", min(before.values()) + 1e-6)
    monkeypatch.setattr(method, "FINISHED", 6)
    found = returned(method.repair(engine, session[0].genome, walk, tries=8, seed=1))
    lifts_of = [returned(lifts(engine, returned(walk([g], False)), [g.prompt]))[0] for g in finished[1:7]]
    good = [min(after.values()) for after in lifts_of if method.counts(before, after, found.concept)]
    assert len(good) > 1
    assert min(found.after.values()) == pytest.approx(max(good), abs=1e-6)
    assert good[0] < max(good) - 1e-5  # the first that counts was another


def test_one_concept_is_refused_at_once(session):
    session.prompt = "a cat"
    session.sample(1).wait(SECONDS)
    with pytest.raises(ValueError, match=r"was asked for \['a cat'\]: expected two concepts or more"):
        session.repair(2)
    with pytest.raises(ValueError, match="tries=0"):
        session.repair(0, tries=0)
    with pytest.raises(IndexError):
        session.repair(99)
