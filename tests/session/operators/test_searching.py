"""Search in a session: one candidate, the best that was seen, kept, recorded and made again."""

from __future__ import annotations

import numpy as np
import pytest

from guidewidgets.guide import MeanColour
from guidewidgets.guide.pictures import to_tensor
from guidewidgets.session import Session

SECONDS = 60
RED = MeanColour((1.0, 0.0, 0.0))


@pytest.fixture
def session(engine):
    session = Session("a cat AND a hat", model=engine, seed=4)
    session.set(steps=3)
    yield session
    session.close()


def lost(candidate):
    return float(RED.bind(None)(to_tensor(candidate.image)[None]))


def test_random_search_is_the_best_of_as_many_samples(session):
    (found,) = session.search(RED, 20, seed=7).wait(SECONDS)
    everyone = session.sample(6, of=6, pick=RED, seed=7).wait(SECONDS)
    assert found.genome.latent.equal(everyone[0].genome.latent)
    assert found.recipe.parameters["evaluations"] == 18
    assert found.recipe.parameters["losses"][-1] == pytest.approx(
        everyone[0].recipe.parameters["loss"], abs=1e-5
    )


def test_it_begins_at_a_candidate_with_its_settings(session):
    session.sample(2, guidance=2.0).wait(SECONDS)
    session.guidance = 4.0
    (found,) = session.search(RED, 30, "zero_order", candidate=1, seed=1).wait(SECONDS)
    assert found.recipe.parent_ids == (1,)
    assert found.genome.guidance == 2.0
    assert found.recipe.parameters["losses"] == sorted(found.recipe.parameters["losses"], reverse=True)
    assert lost(found) <= lost(session[1])
    cosine = np.corrcoef(found.genome.latent.flatten(), session[1].genome.latent.flatten())[0, 1]
    assert cosine > 0.5
    (kept,) = session.search(RED, 3, candidate=1).wait(
        SECONDS
    )  # which pays for nothing but the picture itself
    assert kept.genome.latent.equal(session[1].genome.latent)


@pytest.mark.parametrize("method", ["paths", "particles"])
def test_what_no_noise_leads_to_is_a_pair_that_paints_it(session, method, engine):
    said = []
    session.subscribe(
        lambda event: said.append(session.view().jobs and session.view().jobs[0].progress.message)
    )
    (found,) = session.search(RED, 40, method, seed=3).wait(SECONDS)
    assert (found.genome.sampler, found.genome.pair.shape[0]) == ("edict", 2)
    assert lost(found) < np.mean([lost(c) for c in session.sample(6).wait(SECONDS)])
    assert any("evaluations, loss" in str(one) for one in said)


def test_it_is_recorded_and_made_again(session, engine, tmp_path):
    (found,) = session.search(["a hat"], 16, "zero_order", seed=5).wait(SECONDS)
    assert "s.search(objective=['a hat'], evaluations=16, method='zero_order', seed=5)" in session.code()
    names = {"model": engine}
    exec(compile(session.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    assert names["s"].history[-1][0].hash == found.hash
    names["s"].close()
    session.save(tmp_path / "trip.gw")
    with_all = Session.open(tmp_path / "trip.gw")
    assert with_all[found.id].recipe == found.recipe
    with_all.close()


def test_it_can_be_cancelled_between_looks(session):
    job = session.search(RED, 100_000)
    session.subscribe(lambda event: job.cancel() if type(event).__name__ == "StepDone" else None)
    assert len(job.wait(SECONDS)) == 0


def test_what_cannot_be_is_refused_at_once(session):
    session.sample(1).wait(SECONDS)
    session.mutate(0, at=[(0.5, 0.5)], n=1, lock=True).wait(SECONDS)
    for call, says in (
        (lambda: session.search(RED, 2), "evaluations=2"),
        (lambda: session.search(RED, method="hill"), "method='hill'"),
        (lambda: session.search([]), "objective="),
        (lambda: session.search(RED, candidate=9), "no candidate 9"),
        (lambda: session.search(RED, method="particles", candidate=1), "the lock of candidate 1"),
        (lambda: session.search(prompt=""), "asks for nothing"),
    ):
        with pytest.raises((ValueError, IndexError), match=says):
            call()
    (kept,) = session.search(RED, 12, candidate=1).wait(SECONDS)
    assert kept.genome.anchor == session[1].genome.anchor  # and its pictures were locked while it looked:
    assert lost(kept) == pytest.approx(kept.recipe.parameters["losses"][-1], abs=0.01)
