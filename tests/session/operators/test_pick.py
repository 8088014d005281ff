"""Begin many, keep few: what was begun, which were picked, and that it is recorded, kept and made again."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from guidewidgets.generators import returned
from guidewidgets.guide import MeanColour
from guidewidgets.guide.lift import lifts
from guidewidgets.session import Candidate, Session
from guidewidgets.session.operators.pick import CULLED, ROUGH_LEVELS, ROUGH_STRIDES, WHOLE
from guidewidgets.session.worker.filmstrip import SIDE

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
    # The pictures that lift looked at are those that are kept, with how they came out of the noise.
    for one, index in zip(made, indices, strict=True):
        again = engine.render(begun[index : index + 1], "a cat AND a hat", steps=2)
        pixels = again[0].mul(255).round().byte().permute(1, 2, 0).numpy().astype(int)
        assert np.abs(np.asarray(one.image).astype(int) - pixels).max() <= 1
        assert Image.open(io.BytesIO(one.film)).size == (2 * SIDE, SIDE)
        (held,) = returned(lifts(engine, walked(engine, [one.genome]), [one.genome.prompt], 6, ROUGH_LEVELS))
        assert one.holds == pytest.approx(held, abs=1e-4)


def walked(engine, genomes):
    for step in engine.sample(genomes):
        last = step.x
    return last


def test_of_many_twice_as_many_as_are_kept_go_on(session, engine, monkeypatch):
    walks = []
    real = engine.sample
    monkeypatch.setattr(
        engine,
        "sample",
        lambda genomes, **how: walks.append((len(genomes), how.get("strides"))) or real(genomes, **how),
    )
    made = session.sample(2, of=9, seed=5).wait(SECONDS)
    assert walks == [(9, ROUGH_STRIDES), (2 * CULLED, None)]
    assert len({c.recipe.parameters["index"] for c in made}) == 2
    walks.clear()
    session.sample(2, of=2 * WHOLE, seed=5).wait(SECONDS)
    assert walks == [(2 * WHOLE, None)]


def test_children_are_picked_as_samples_are(session):
    session.sample(3, seed=5).wait(SECONDS)
    everyone = session.cross([0, 1], n=4, of=4, seed=6).wait(SECONDS)
    best = session.cross([0, 1], n=2, of=4, seed=6).wait(SECONDS)
    assert [c.hash for c in best] == [c.hash for c in everyone[:2]]
    assert best[0].recipe.parent_ids == (0, 1)
    assert best[0].holds == pytest.approx(everyone[0].holds, abs=1e-5)
    assert "s.cross([0, 1], n=2, of=4, seed=6)" in session.code()
    for arguments, says in (
        ({"of": 1}, "of=1"),
        ({"pick": "taste"}, "without of"),
        ({"of": 4, "elites": 1}, "elites=1 with of=4"),
    ):
        with pytest.raises(ValueError, match=says):
            session.cross([0, 1], n=2, **arguments)


def test_progress_is_that_of_all_that_are_painted(session):
    said = []
    session.subscribe(
        lambda event: said.append(event.job.progress) if type(event).__name__ == "StepDone" else None
    )
    job = session.sample(1, of=3, steps=4)
    job.wait(SECONDS)
    assert [p.step for p in said] == [1, 2, 3, 4]
    assert said[0].message == "sample: step 1 of 4, 3 images to keep 1 of"
    assert (job.progress.step, job.progress.steps, job.progress.done) == (4, 4, 1)


def test_a_cancelled_contest_keeps_nothing(session):
    job = session.sample(1, of=3, steps=400)
    session.subscribe(lambda event: job.cancel() if type(event).__name__ == "StepDone" else None)
    assert len(job.wait(SECONDS)) == 0


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
