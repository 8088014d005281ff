"""A word learned from candidates: pictures that say it, what keeps it, and what a job that is stopped leaves behind."""

from __future__ import annotations

import shutil

import pytest

from guidewidgets.engine.model import known
from guidewidgets.session import Candidate, Session

SECONDS = 120


@pytest.fixture
def session(engine, monkeypatch):
    monkeypatch.setattr(known, "_known", {})
    session = Session("a cat", model=engine, seed=4)
    session.set(steps=2)
    session.sample(3).wait(SECONDS)
    yield session
    session.close()


def test_its_pictures_say_the_word_and_so_may_every_prompt_after(session, engine):
    made = session.learn("zorbling", [0, 2], n=2, updates=3).wait(SECONDS)
    (concept,) = engine.concepts
    assert concept.word == "zorbling"
    for one in made:
        assert str(one.genome.prompt) == "a zorbling"
        assert one.genome.concepts == (concept,)
        assert one.recipe.operator == "learn"
        assert one.recipe.parent_ids == (0, 2)
        assert one.recipe.parameters["word"] == "zorbling"
    session.prompt = "a zorbling AND a hat"
    (later,) = session.sample(1).wait(SECONDS)
    assert later.genome.concepts == (concept,)
    (child,) = session.mutate(later.id, at=[(0.5, 0.5)], n=1).wait(SECONDS)
    assert child.genome.concepts == (concept,)
    crossed = session.cross([later.id, child.id], n=2).wait(SECONDS)
    assert all(c.genome.concepts == (concept,) for c in crossed)


def test_by_default_it_is_learned_from_what_is_starred(session):
    session.star(1)
    made = session.learn("zorbling", n=1, updates=1).wait(SECONDS)
    assert made[0].recipe.parent_ids == (1,)


def test_it_is_kept_with_the_session_and_in_a_picture(session, engine, tmp_path, monkeypatch):
    made = session.learn("zorbling", [0, 1], n=1, updates=2).wait(SECONDS)
    concept = made[0].genome.concepts[0]
    assert "s.learn(candidates=[0, 1], word='zorbling'" in session.code()
    session.save(tmp_path / "trip.gw")
    made[0].save(tmp_path / "one.png")
    monkeypatch.setattr(known, "_known", {})  # as in another process
    assert engine.concepts == ()
    shutil.copy(tmp_path / "trip.gw", tmp_path / "other.gw")  # the session itself is still open
    again = Session.open(tmp_path / "other.gw", model=engine)
    assert again.sample(1, prompt="a zorbling").wait(SECONDS)[0].genome.concepts == (concept,)
    again.close()
    monkeypatch.setattr(known, "_known", {})
    assert Candidate.load(tmp_path / "one.png").genome.concepts == (concept,)
    session.restore(tmp_path / "one.png")
    assert engine.concepts == (concept,)


def test_the_same_call_learns_the_same(session, engine):
    first = session.learn("zorbling", [0, 1], n=1, updates=2, seed=3).wait(SECONDS)[0]
    again = session.learn("zorbling", [0, 1], n=1, updates=2, seed=3).wait(SECONDS)[0]
    assert first.hash == again.hash
    other = session.learn("zorbling", [0, 1], n=1, updates=2, seed=4).wait(SECONDS)[0]
    assert other.genome.concepts != first.genome.concepts


def test_it_tells_how_far_it_is_and_a_job_that_is_cancelled_teaches_nothing(session, engine):
    said = []
    job = session.learn("zorbling", [0], n=1, updates=10_000)
    session.subscribe(lambda _: said.append(job.progress.message))
    while not any("update 3 of" in one for one in said):
        assert job.state in ("queued", "running")
    assert "learning 'zorbling': update" in job.progress.message
    assert 0 < job.progress.step < job.progress.steps
    job.cancel()
    assert len(job.wait(SECONDS)) == 0
    assert engine.concepts == ()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("two words", [0]), ValueError),
        (("AND", [0]), ValueError),
        ((7, [0]), TypeError),
        (("word", [99]), IndexError),
        (("word", []), ValueError),
    ],
)
def test_what_cannot_be_learned_is_refused_at_once(session, arguments, error):
    with pytest.raises(error):
        session.learn(*arguments)
    assert len(session.history) == 1
