"""An objective that is held out of the loss: seen beside it, never followed, and what decides which step is kept."""

from __future__ import annotations

import pytest
import torch

import guidewidgets as gw
from guidewidgets.guide import doodl
from guidewidgets.session import Session

SECONDS = 120
GREEN = gw.MeanColour((0.2, 0.7, 0.4))
RED = gw.MeanColour((0.9, 0.2, 0.1))
HOW = {"lr": 0.3}


@pytest.fixture
def one(session):
    """A session with one candidate of few steps."""
    session.set(steps=3)
    session.sample(1).wait(SECONDS)
    return session


def states(one, steps):
    return list(
        doodl(one.engine, one[0].genome.latent, "a fox on a beach", GREEN, steps, sampling_steps=3, **HOW)
    )


def test_the_step_that_it_likes_best_is_kept(one):
    expected = states(one, 8)
    halfway = gw.MeanColour([round(part, 3) for part in expected[3].image.mean((0, 2, 3)).tolist()])
    c = one.optimize(0, GREEN, steps=8, watch=halfway, **HOW).wait(SECONDS)[0]
    watched = [halfway.bind(None)(state.image).item() for state in expected]
    kept = 3
    assert min(range(9), key=watched.__getitem__) == kept
    assert min(expected, key=lambda s: s.loss).index > kept
    assert torch.equal(c.genome.latent, expected[kept].latent[0])
    assert c.recipe.parameters["watched"] == pytest.approx(watched[: kept + 1])
    assert c.recipe.parameters["losses"] == pytest.approx([s.loss for s in expected[: kept + 1]])
    assert c.recipe.parameters["watch"] == [
        [1.0, "MeanColour", {"colour": [*halfway.colour], "region": None}]
    ]
    run = one.monitor.state()["run"]
    assert run["parts"] == [GREEN.name, f"watched: {halfway.name}"]
    assert [point[3] for point in run["points"]] == pytest.approx(watched, rel=1e-4)
    assert [*run["weights"]] == [GREEN.name]  # there is nothing to weigh in what is not followed


def test_it_is_told_stored_and_done_again(one, engine, tmp_path):
    c = one.optimize(0, GREEN, steps=4, watch=gw.Symmetry() + 0.5 * RED, **HOW).wait(SECONDS)[0]
    code = one.code()
    assert "watch=gw.Symmetry() + 0.5 * gw.MeanColour(colour=[0.9, 0.2, 0.1])" in code
    world = {"model": engine}
    exec(code, world)  # noqa: S102 - our own code
    assert torch.equal(world["s"][c.id].genome.latent, c.genome.latent)
    one.save(tmp_path / "trip.gw")
    again = Session.open(tmp_path / "trip.gw", model=engine)
    assert again[c.id].recipe.parameters == c.recipe.parameters
    assert again.code() == code


def test_it_changes_nothing_of_the_way(one):
    plain, watched = (
        one.optimize(0, GREEN, steps=3, keep="last", watch=watch, **HOW).wait(SECONDS)[0]
        for watch in (None, gw.Symmetry())
    )
    assert torch.equal(plain.genome.latent, watched.genome.latent)
    assert "watched" not in plain.recipe.parameters


class Count:
    """Without a gradient."""

    def score(self, images, prompts):
        del prompts
        return (images[:, 1] > 0.5).float().mean((1, 2))


class Ends:
    def __init__(self):
        self.calls = 0

    def score(self, images, prompts):
        del prompts
        self.calls += 1
        return torch.full((len(images),), float("nan") if self.calls > 2 else 1.0 * self.calls)


def test_it_needs_no_gradient_and_says_when_it_breaks(one):
    job = one.optimize(0, GREEN, steps=3, watch=gw.Reward(Count()), **HOW)
    assert len(job.wait(SECONDS)[0].recipe.parameters["watched"]) >= 1
    c = one.optimize(0, GREEN, steps=5, watch=gw.Reward(Ends()), **HOW).wait(SECONDS)[0]
    assert c.recipe.parameters["steps"] == 1
    assert any("watched: Reward(Ends) became nan at step 2" in n.text for n in one.view().notices)


@pytest.mark.parametrize(
    ("method", "kwargs", "kind", "says"),
    [
        ("doodl", {"watch": "judge"}, TypeError, "watch='judge': expected an objective"),
        ("one_step", {"watch": RED}, ValueError, "watch=.*: method 'one_step' makes no updates"),
        ("noise_tilt", {"probes": 4}, ValueError, "probes=4: method 'noise_tilt' makes no updates"),
        ("sgool", {"probes": 4}, ValueError, "probes=4: expected 0 with method 'sgool'"),
        ("doodl", {"watch": gw.ClipText("a fox")}, ValueError, "needs an image encoder"),
    ],
)
def test_refused_before_anything_is_queued(one, method, kwargs, kind, says):
    with pytest.raises(kind, match=says):
        one.optimize(0, GREEN, method, **kwargs)
    assert not one.view().jobs
