"""Mixing favourites by numbers, and optimizers of nevergrad that ask for such mixtures."""

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest
import torch

from guidewidgets.evolve.blend import on_sphere
from guidewidgets.guide import MeanColour
from guidewidgets.preference.nevergrad import NevergradOptimizer


def test_a_mixture_lies_on_the_sphere_of_its_parents(made):
    rows = [[1, 0, 0], [1, 1, 0], [0.5, -0.2, 2]]
    children = made.mix([1, 2, 3], rows, guidances=[1, 2, 3]).wait(60)
    pool = torch.stack([made[i].genome.latent for i in (1, 2, 3)])
    assert torch.equal(children[0].genome.latent, on_sphere(pool, torch.tensor([[1.0, 0, 0]]).double())[0])
    assert torch.allclose(children[0].genome.latent, pool[0])
    lengths = pool.flatten(1).norm(dim=1)
    for child, row, scale in zip(children, rows, (1, 2, 3), strict=True):
        wanted = (np.abs(row) @ lengths.numpy()) / np.abs(row).sum()
        assert child.genome.latent.norm().item() == pytest.approx(wanted, rel=1e-5)
        assert child.genome.guidance == scale
        assert child.recipe.parameters["weights"] == row


def test_asking_and_telling_by_stars(made):
    made.star(1, 4, 7)
    tuner = made.optimizer("CMA", guidance=(1, 8), n=4)
    assert tuner.parents == [1, 4, 7]
    for _ in range(2):
        batch = tuner.ask(4).wait(60)
        assert all(1 <= c.genome.guidance <= 8 for c in batch)
        made.star(batch[1].id)
        made.reject(batch[0].id)
        tuner.tell()
        assert tuner.best[0] == 0
    names = {"model": made.engine}
    exec(compile(made.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    for mine, theirs in zip(made.history, names["s"].history, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            assert torch.equal(a.genome.latent, b.genome.latent)
            assert a.genome.guidance == b.genome.guidance


def test_an_objective_is_met_better_and_better(made):
    """Seven rounds of DE in the span of four pictures find a redder one than any of the four."""
    objective = MeanColour((1.0, 0.0, 0.0))
    loss = objective.bind(None)

    def value(c):
        return loss(torch.from_numpy(np.asarray(c.image, np.float32) / 255).permute(2, 0, 1)[None]).item()

    tuner = made.optimizer("DE", [0, 1, 2, 3], n=8)
    tuner.run(objective, rounds=7, n=8, steps=2)
    assert tuner.best[0] < min(value(made[i]) for i in range(4))
    assert tuner.best[0] == pytest.approx(value(made[tuner.best[1]]), abs=1e-5)


@pytest.mark.parametrize("name", ["CMA", "DE", "TwoPointsDE", "OnePlusOne", "PSO"])
def test_they_find_a_direction(name):
    """Where the loss is the angle to a hidden direction, 15 rounds come closer than the first."""
    asker = NevergradOptimizer(name, 4, n=8, seed=1)
    goal = np.array([0.5, -0.5, 0.5, 0.5])
    first = last = None
    for _ in range(15):
        tokens, points = zip(*asker.ask(8), strict=True)
        losses = [1 - float(goal @ np.array(p.weights)) for p in points]
        asker.tell(tokens, losses)
        first, last = first or min(losses), min(losses)
        assert all(np.linalg.norm(p.weights) == pytest.approx(1) for p in points)
    assert last < first


ONE_BY_ONE = ["NelderMead", "Cobyla", "SQP", "BFGS"]


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_those_that_go_one_by_one_answer_one_by_one(name):
    asker = NevergradOptimizer(name, 4, n=1, seed=1)
    goal, losses = np.array([0.5, -0.5, 0.5, 0.5]), []
    for _ in range(80):
        ((token, point),) = asker.ask(1)
        assert asker.ask(1)[0][1] == point  # the same again until it is told
        losses.append(1 - float(goal @ np.array(point.weights)))
        asker.tell([token], losses[-1:])
    assert min(losses) < 0.5 * losses[0]
    with pytest.raises(ValueError, match=f"'{name}' goes one by one, by how the last one went: expected n=1"):
        asker.ask(2)


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_many_at_once_of_them_are_refused_plainly_and_nothing_is_heard_of_it_later(name, monkeypatch):
    strays = []
    monkeypatch.setattr(sys, "unraisablehook", strays.append)
    with pytest.raises(ValueError, match=f"'{name}' goes one by one") as caught:
        NevergradOptimizer(name, 4)
    assert "\n" not in str(caught.value)
    del caught
    gc.collect()
    assert strays == []


def test_refused_inside_nevergrad_and_nothing_is_heard_of_it_later(monkeypatch):
    """A refusal by nevergrad itself leaves half an object, whose end was a traceback."""
    strays = []
    monkeypatch.setattr(sys, "unraisablehook", strays.append)
    NevergradOptimizer("CMA", 2)  # nevergrad is loaded by its first use
    import nevergrad

    with pytest.raises(ValueError, match="parallelization"):
        nevergrad.optimizers.registry["Cobyla"](parametrization=nevergrad.p.Array(shape=(2,)), num_workers=2)
    gc.collect()
    assert strays == []


def test_one_by_one_in_a_session(made):
    tuner = made.optimizer("Cobyla", [0, 1, 2], n=1)
    with pytest.raises(TypeError, match="nonsense"):
        tuner.ask(nonsense=1)  # what was refused is asked for again
    for _ in range(3):
        batch = tuner.ask(steps=2).wait(60)
        assert len(batch) == 1
        tuner.tell({batch[0].id: 1.0})
    assert tuner.run(MeanColour((1.0, 0.0, 0.0)), rounds=2, steps=2)[0].id == batch[0].id + 2


def test_the_same_seed_asks_the_same():
    one, two = (NevergradOptimizer("CMA", 3, {"guidance": (1, 9)}, seed=5) for _ in range(2))
    assert [p for _, p in one.ask(6)] == [p for _, p in two.ask(6)]


def test_what_does_not_work_is_refused_with_the_reason():
    if np.lib.NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("the metamodel works with this numpy")
    for name in ("MetaModel", "NGOpt"):
        with pytest.raises(ValueError, match=f"'{name}' does not work here: .*numpy"):
            NevergradOptimizer(name, 3)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda s: s.optimizer("Nope", [1, 2]), ValueError, "'Nope': nevergrad knows none"),
        (lambda s: s.optimizer("CMA"), ValueError, "no parents: star at least one"),
        (lambda s: s.optimizer("CMA", [1]), ValueError, "at least two images"),
        (lambda s: s.optimizer("CMA", [1, 1]), ValueError, r"at least two images first \(there are 1\)"),
        (lambda s: s.optimizer("CMA", [1, 99]), IndexError, "no candidate 99"),
        (lambda s: s.optimizer("CMA", [1, 2], guidance=(5, 2)), ValueError, r"guidance=\(5, 2\)"),
        (lambda s: s.optimizer("CMA", [1, 2]).tell(), ValueError, "ask.. first"),
        (lambda s: s.mix([1, 2], [[1, 2, 3]]), ValueError, "expected 2 finite numbers"),
        (lambda s: s.mix([1, 2], [[1, float("nan")]]), ValueError, "expected 2 finite numbers"),
        (lambda s: s.mix([1, 2], [[0, 0]]), ValueError, "cancel"),
        (lambda s: s.mix([1, 2], [[1, 1]], guidances=[1, 2]), ValueError, "2 guidances for 1"),
        (lambda s: s.mix([1, 2], []), ValueError, "n=0"),
    ],
)
def test_refused_and_nothing_is_lost(made, call, kind, says):
    with pytest.raises(kind, match=says):
        call(made)
    assert len(made.history) == 1
    assert made.view().jobs == ()


def test_telling_too_early_or_of_strangers(made):
    tuner = made.optimizer("CMA", [1, 2, 3])
    job = tuner.ask(2, steps=20)
    if job.result is None:
        with pytest.raises(ValueError, match="not finished"):
            tuner.tell()
    job.wait(60)
    with pytest.raises(KeyError, match="was not asked for"):
        tuner.tell({0: 1.0})
    with pytest.raises(ValueError, match="finite"):
        tuner.tell({job.slots[0]: float("inf")})
    tuner.tell({job.slots[0]: 0.5})
    assert tuner.best == (0.5, job.slots[0])
