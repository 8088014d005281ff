"""Search at a stated cost: against plain loops, and a Gaussian whose tilted distribution can be worked out."""

from __future__ import annotations

import math
from contextlib import nullcontext
from itertools import pairwise

import pytest
import torch
from gaussian import M, S, best, schedule

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.engine.samplers.schedule import Point
from guidewidgets.guide import MeanColour, search
from guidewidgets.guide.particles import cost as of_particles
from guidewidgets.guide.particles import looks, steer, systematic
from guidewidgets.guide.paths import BACK, COPIES, begin, noised, walk
from guidewidgets.guide.paths import cost as of_paths
from guidewidgets.guide.search import METHODS, WIDTH, random, zero_order
from guidewidgets.guide.verifier import Verifier

SHAPE = (1, 4, 4)
STEPS = 5  # that painting costs, where nothing is painted
TOWARDS = draw(1, SHAPE, 99).double()[0]
along = Verifier(lambda z: -(z.double() * TOWARDS).sum((1, 2, 3)))
"""Falls along a direction."""


def paint(x):
    yield
    return x


def fresh(first, n):
    return draw(first + n, SHAPE, 3)[first:]


def ended(steps):
    return [found for found in steps if found is not None]


def test_random_search_is_the_best_of_all_that_can_be_painted():
    found = ended(random(paint, fresh, along, 52, STEPS))
    losses = along.losses(draw(10, SHAPE, 3))
    assert [one.spent for one in found] == [20, 40, 50]
    assert [one.loss for one in found] == [float(losses[:n].min()) for n in (4, 8, 10)]
    assert torch.equal(found[-1].latent, draw(10, SHAPE, 3)[losses.argmin()])


def test_zero_order_search_goes_from_better_to_better_neighbour():
    pivot = draw(1, SHAPE, 3)[0]
    found = ended(zero_order(paint, pivot, along, 803, STEPS, 0))
    assert [one.spent for one in found[:3]] == [5, 5 + 5 * WIDTH, 5 + 10 * WIDTH]
    assert found[-1].spent == 800  # what is left makes a last, smaller round
    losses = [one.loss for one in found]
    assert losses == sorted(losses, reverse=True)
    for before, after in pairwise(found):
        moved = not torch.equal(before.latent, after.latent)
        assert moved == (after.loss < before.loss)
    assert all(math.isclose(float(along.losses(one.latent[None])), one.loss) for one in found)
    # Where little steps lead somewhere it goes further than as many draws.
    assert losses[-1] < ended(random(paint, fresh, along, 803, STEPS))[-1].loss


def test_noise_that_is_added_again_is_that_of_the_level():
    now, then = Point.of(0.6), Point.of(0.2)
    x = now.alpha * (M + S * draw(4000, SHAPE, 1)) + now.sigma * draw(4000, SHAPE, 2)
    more = noised(x.double(), now, then, 0, 3)
    deviation = (then.alpha**2 * S**2 + then.sigma**2) ** 0.5
    assert more.mean().item() == pytest.approx(then.alpha * M, abs=5 * deviation / 64_000**0.5)
    assert more.std().item() == pytest.approx(deviation, rel=0.02)


def gaussian(name, n, steps, way, look, side=1, **how):
    shares = [max(0.002, math.sin(math.pi / 2 * k / steps) ** 2) for k in range(steps + 1)]
    sampler = make_sampler(name, schedule(shares), seeds=range(n))
    x = draw(n, (1, side, side), 0).double()
    said = ended(way(sampler, best, x, look, 4, nullcontext(), **how))
    return said, n * (of_paths if way is walk else of_particles)(steps, look.cost), sampler.schedule.strides


bright = Verifier(lambda z: -z.double().mean((1, 2, 3)), 1)
flat = Verifier(lambda z: torch.zeros(len(z), dtype=torch.float64), 1)


def test_paths_are_the_models_own_but_for_what_is_preferred():
    """Every step is linear, so that the variance can be followed by hand, through the noise that is added again."""
    said, cost, strides = gaussian("ddim", 40, 10, walk, flat, side=16)
    assert (said[-1].spent, len(said)) == (cost, 10 - begin(10))

    def gain(k):
        now, then = strides[k].now, strides[k].then
        clean = S**2 * now.alpha / (now.alpha**2 * S**2 + now.sigma**2)
        return then.alpha * clean + then.sigma * (1 - now.alpha * clean) / now.sigma

    variance = math.prod(gain(k) ** 2 for k in range(begin(10)))
    for k in range(begin(10), 10):
        now, then = strides[k].now, strides[k - 1].now
        keep = (then.alpha / now.alpha) ** 2
        variance = keep * variance + then.sigma**2 - keep * now.sigma**2
        variance *= gain(k - 1) ** 2 * gain(k) ** 2
    z = said[-1].z
    assert z.shape == (COPIES * 40, 1, 16, 16)
    assert z.std().item() == pytest.approx(variance**0.5, rel=0.03)
    preferring, *_ = gaussian("ddim", 40, 10, walk, bright)
    plain, *_ = gaussian("ddim", 40, 10, walk, flat)
    assert preferring[-1].z.mean() > plain[-1].z.mean() + S


def test_particles_come_from_the_tilted_gaussian():
    """Of p(z) exp(λ z), p = N(m, s²), the mean is m + λ s² and the deviation s; m and s are the plain walk's own."""
    said, cost, _ = gaussian("ddpm", 1000, 10, steer, flat, weight=1.0)
    assert (said[-1].spent, len(said)) == (cost, len(looks(10)) + 1)
    z = said[-1].z
    m, s = z.mean().item(), z.std().item()
    for weight in (1.5, -1.5):
        steered, *_ = gaussian("ddpm", 1000, 10, steer, bright, weight=weight)
        z, w = steered[-1].z.flatten(), steered[-1].weights
        mean = (w * z).sum().item()
        assert mean == pytest.approx(m + weight * s**2, abs=0.06)
        assert (w * (z - mean) ** 2).sum().item() ** 0.5 == pytest.approx(s, rel=0.1)


def test_systematic_draws_are_as_many_as_the_weights_say():
    weights = torch.tensor([0.05, 0.5, 0.0, 0.2, 0.25])
    for start in (0.0, 0.3, 0.99):
        drawn = systematic(weights, start)
        counts = torch.bincount(drawn, minlength=5)
        assert len(drawn) == 5
        assert ((counts >= (5 * weights).floor()) & (counts <= (5 * weights).ceil())).all()


def test_particles_that_are_all_lost_go_on_alike():
    lost = Verifier(lambda z: torch.full((len(z),), torch.inf, dtype=torch.float64))
    said, *_ = gaussian("ddpm", 4, 10, steer, lost)
    assert torch.equal(said[0].weights, torch.full((4,), 0.25, dtype=torch.float64))
    assert said[-1].z.isfinite().all()


def counted(engine, monkeypatch):
    asked, real = [], engine.network.ask

    def ask(x, *rest):
        asked.append(len(x))
        return real(x, *rest)

    monkeypatch.setattr(engine.network, "ask", ask)
    return asked


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "objective", [MeanColour((1.0, 0.0, 0.0)), None, ["a hat"]], ids=["red", "own", "hat"]
)
def test_no_more_is_asked_of_the_network_than_was_stated(seeing, monkeypatch, method, objective):
    asked = counted(seeing, monkeypatch)
    found = list(search(seeing, "a cat AND a hat", objective, 45, method, seed=2, sampling_steps=4))
    assert sum(asked) == found[-1].spent <= 45
    assert found[-1].spent > 45 / 2
    image = seeing.decode(found[-1].finished[None])
    if objective is not None and not isinstance(objective, list):
        assert float(objective.bind(None)(image)) == pytest.approx(found[-1].loss, abs=1e-5)
    if METHODS[method] is None:
        again = seeing.render(found[-1].latent[None], "a cat AND a hat", steps=4)
        assert (again - image).abs().max() < 1e-3
    else:
        assert found[-1].latent is None


def test_it_is_the_same_again(seeing):
    one, two = (
        list(search(seeing, "a cat", MeanColour((1.0, 0.0, 0.0)), 60, "particles", seed=s, sampling_steps=5))
        for s in (1, 1)
    )
    assert torch.equal(one[-1].finished, two[-1].finished)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"method": "hill"}, "method='hill': expected one of 'random'"),
        ({"evaluations": 3}, "evaluations=3: 4 steps by 'random' takes at least 5"),
        ({"evaluations": 2.5}, "evaluations=2.5"),
        ({"objective": []}, r"objective=\[\]"),
        ({"objective": 3}, "objective=3"),
        ({"prompt": ""}, "asks for nothing to look for"),
        ({"seed": -1}, "seed=-1"),
        (
            {"method": "paths", "evaluations": 9},
            f"at least {begin(4) + (4 - begin(4)) * COPIES * (BACK + 2)}",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_once(seeing, arguments, says):
    with pytest.raises((ValueError, TypeError), match=says):
        search(seeing, **{"prompt": "a cat", "sampling_steps": 4, **arguments})
