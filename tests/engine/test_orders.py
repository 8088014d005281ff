"""Samplers against what is known in closed form: their orders, on diffusions and flows, and the noise they add."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
import torch
from analytic import karras

from guidewidgets.engine.samplers.base import to_prediction
from guidewidgets.engine.samplers.ddim import STREAM
from guidewidgets.engine.samplers.noise import kick
from guidewidgets.engine.samplers.registry import SAMPLERS, make_sampler
from guidewidgets.engine.samplers.schedule import Point, Schedule, Stride

MEAN, SPREAD = 0.7, 0.5
# By how much the error falls where the steps are doubled, in the limit: 2 to the power of the order.
ORDERS = {"ddim": 1, "euler": 1, "heun": 2, "dpmpp-2m": 2}


def diffusion(steps):
    """Noise levels from 80 to 0.1, all steps of full order."""
    walk = karras(steps, least=0.1)
    return Schedule(walk.strides[:-1], "epsilon", low_order_end=False)


def flow(steps):
    """x_s = (1 - s) x_0 + s ε from s = 0.98 to 0.05."""
    levels = torch.linspace(0.98, 0.05, steps + 1, dtype=torch.float64).tolist()
    points = [Point(1 - s, s) for s in levels]
    strides = tuple(Stride(1000 * now.sigma, now, then) for now, then in itertools.pairwise(points))
    return Schedule(strides, "flow", low_order_end=False)


def predict(x, stride, k):
    """The best network for data N(MEAN, SPREAD²), whatever it is said to predict."""
    del k
    alpha, sigma = stride.now.alpha, stride.now.sigma
    epsilon = sigma * (x - alpha * MEAN) / (alpha**2 * SPREAD**2 + sigma**2)
    return to_prediction(epsilon, x, stride, "epsilon")


def error(sampler, schedule):
    """Of x where the walk ends, for the x that stands one deviation above its mean where it begins."""

    def exact(point):
        return point.alpha * MEAN + math.hypot(point.alpha * SPREAD, point.sigma)

    start, end = schedule.strides[0].now, schedule.strides[-1].then
    walk = make_sampler(sampler, schedule)
    *_, (last, _) = walk.iterate(
        walk.start(torch.full((1, 1, 1, 1), exact(start), dtype=torch.float64)), predict
    )
    return abs(last.x.item() - exact(end))


@pytest.mark.parametrize("kind", [diffusion, flow])
@pytest.mark.parametrize(("sampler", "order"), ORDERS.items())
def test_orders(sampler, order, kind):
    errors = [error(sampler, kind(steps)) for steps in (80, 160, 320)]
    for more, fewer in itertools.pairwise(errors):
        assert math.log2(more / fewer) == pytest.approx(order, abs=0.25)


def test_the_second_order_pays_in_few_steps():
    """Per evaluation: 2M in as many steps as DDIM, Heun in half as many."""
    plain = error("ddim", diffusion(20))
    assert error("dpmpp-2m", diffusion(20)) < plain / 2
    assert error("heun", diffusion(10)) < plain / 2


@pytest.mark.parametrize("kind", [diffusion, flow])
@pytest.mark.parametrize("eta", [1.0, 0.4])
def test_the_ancestral_variance(kind, eta):
    """In y = x/α the step goes down to σ_down and back up by σ_up, as k-diffusion and diffusers write it."""
    schedule = kind(12)
    walk = make_sampler("euler-a", schedule, {"eta": eta}, seeds=[0])
    noise = kick([0], (STREAM, 0), 1.0, ones := torch.ones(1, 1, 1, 1, dtype=torch.float64))
    now, then = schedule.strides[0].now.noise_to_signal, schedule.strides[0].then.noise_to_signal
    up = min(then, eta * (then**2 * (now**2 - then**2) / now**2) ** 0.5)
    (step,) = walk.couplings(0)
    alpha = schedule.strides[0].then.alpha
    assert (step.clean, step.noise) == pytest.approx((alpha, alpha * (then**2 - up**2) ** 0.5), rel=1e-9)
    assert step.kick is not None
    assert step.kick(ones).item() == pytest.approx(alpha * up * noise.item(), rel=1e-9)


@pytest.mark.parametrize("sampler", ["euler-a", "ddpm"])
def test_ancestral_walks_end_in_the_data(sampler):
    """A thousand small steps, whose own error in the variance is 3e-3: the spread is the data's."""
    schedule = karras(200, least=0.01)
    walk = make_sampler(sampler, schedule, seeds=[3])
    x = torch.randn(1, 1, 100, 100, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    *_, (last, _) = walk.iterate(walk.start(x), predict)
    n = x.numel()
    assert last.x.mean().item() == pytest.approx(MEAN, abs=4 * SPREAD / n**0.5)
    assert last.x.std().item() == pytest.approx(SPREAD, rel=4 / (2 * n) ** 0.5 + 0.02)


@pytest.mark.parametrize("sampler", [name for name, kind in SAMPLERS.items() if not kind.pairs])
def test_a_perfect_guess_leads_to_the_picture(sampler):
    """Whatever the step sizes: where x̂_0 is the picture itself, the finished latents are."""
    schedule, clean = karras(7), 1.5

    def knowing(x, stride, k):
        del k
        return to_prediction(torch.full_like(x, clean), x, stride, "sample")

    walk = make_sampler(sampler, schedule, seeds=[0])
    x = torch.randn(1, 4, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    steps = list(walk.iterate(walk.start(x), knowing))
    assert len(steps) == 7
    assert (steps[-1][0].x - clean).abs().max() < 1e-9


@pytest.mark.parametrize("name", SAMPLERS)
def test_as_many_steps_as_the_schedule_has(engine, name):
    """Its first step may be there twice then: between the two nothing changes, which nothing may be divided by."""
    schedule = engine.schedule(50 if name in {"lcm", "tcd"} else 1000, sampler=name)
    sampler = make_sampler(name, schedule)
    numbers = [
        value
        for k in range(len(schedule))
        for coupling in sampler.couplings(k)
        for value in (getattr(coupling, one.name) for one in dataclasses.fields(coupling))
        if isinstance(value, float)
    ]
    assert len(numbers) >= 2 * len(schedule)
    assert all(map(math.isfinite, numbers))
