"""Walks along a flow whose velocity is known: pictures that are Gaussian, N(2, 0.5²) in every number."""

from __future__ import annotations

import math

import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from guidewidgets.engine.samplers.base import Prediction
from guidewidgets.engine.samplers.flow import flow_schedule, shift_of
from guidewidgets.engine.samplers.langevin import Corrected, Corrector
from guidewidgets.engine.samplers.registry import make_sampler

MEAN, SPREAD = 2.0, 0.5
CONFIG = FlowMatchEulerDiscreteScheduler(shift=3.0).config


def noise(n=1):
    return torch.randn(n, 4, 32, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def predict(x, stride, k):
    """E[x_0 | x] and E[ε | x] of x = (1 - s) x_0 + s ε."""
    del k
    alpha, s = stride.now.alpha, stride.now.sigma
    surprise = (x - alpha * MEAN) / ((alpha * SPREAD) ** 2 + s**2)
    return Prediction(s * surprise, MEAN + alpha * SPREAD**2 * surprise)


def finish(sampler, x):
    *_, (step, _) = sampler.iterate(sampler.start(x), predict)
    return step.x


@pytest.mark.parametrize("name", ["ddim", "euler", "heun", "dpmpp-2m", "edict", "bdia", "obelm"])
def test_samplers_follow_the_flow(name):
    """Its exact end is 2 + 0.5 ε. Euler's error at 400 steps is 0.5 % of the 3.5 that a number moves, here at most."""
    x, schedule = noise(), flow_schedule(CONFIG, 400)
    found = finish(make_sampler(name, schedule), x)
    assert (found - (MEAN + SPREAD * x)).abs().max() < 0.02


@pytest.mark.parametrize("name", ["ddpm", "euler-a"])
def test_random_walks_end_in_the_distribution(name):
    found = finish(make_sampler(name, flow_schedule(CONFIG, 200), seeds=range(8)), noise(8))
    # 32,768 numbers: standard errors of 0.003 for the mean, 0.002 for the spread; and as much for finite steps.
    assert abs(float(found.mean()) - MEAN) < 0.02
    assert abs(float(found.std()) - SPREAD) < 0.02


def test_langevin_steps_keep_the_distribution():
    """The score of a flow's x_s is -ε̂/s: steps along it, with noise, leave N((1-s) 2, (1-s)² 0.25 + s²) as it is."""
    walk = Corrected(
        make_sampler("ddim", flow_schedule(CONFIG, 100)), Corrector(steps=3, size=0.05), seeds=range(8)
    )
    found = finish(walk, noise(8))
    assert abs(float(found.mean()) - MEAN) < 0.02
    assert abs(float(found.std()) - SPREAD) < 0.02


@pytest.mark.parametrize(
    ("config", "mu"),
    [
        ({"shift": 3.0}, 0.0),
        ({"use_dynamic_shifting": True}, 0.8),
        ({"use_dynamic_shifting": True, "time_shift_type": "linear"}, 0.8),
        ({"use_dynamic_shifting": True, "shift_terminal": 0.02}, 0.7),
    ],
)
def test_levels_in_closed_form(config, mu):
    scheduler = FlowMatchEulerDiscreteScheduler(**config)
    found = [stride.now.sigma for stride in flow_schedule(scheduler.config, 4, mu).strides]
    bent = {"linear": mu, "exponential": math.exp(mu)}[config.get("time_shift_type", "exponential")]
    k = config.get("shift", bent)
    levels = [k / (k + 1 / s - 1) for s in (1.0, 0.75, 0.5, 0.25)]
    if end := config.get("shift_terminal"):
        levels = [1 - (1 - s) * (1 - end) / (1 - levels[-1]) for s in levels]
    assert found == pytest.approx(levels, abs=1e-6)  # diffusers' numbers are float32


def test_the_shift_lies_on_the_line_through_two_sizes():
    config = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True).config
    assert [shift_of(config, tokens) for tokens in (256, 4096)] == pytest.approx([0.5, 1.15])


@pytest.mark.parametrize("steps", [0, 1001])
def test_steps_out_of_range_are_named(steps):
    with pytest.raises(ValueError, match=f"steps={steps}: expected a whole number from 1 to 1000"):
        flow_schedule(CONFIG, steps)


def test_a_scheduler_without_a_flow_is_named():
    with pytest.raises(ValueError, match="has no flow from noise to picture"):
        flow_schedule({"beta_start": 0.1, "num_train_timesteps": 1000}, 4)
