"""Schedules and the DDIM step, against closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from guidewidgets.engine.samplers.base import Prediction, to_prediction
from guidewidgets.engine.samplers.ddim import DDIM
from guidewidgets.engine.samplers.grids import make_schedule
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.engine.samplers.schedule import Point, Stride

CONFIG = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "prediction_type": "epsilon",
}


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 25, 50, 999, 1000])
def test_strides_join_and_lead_to_the_data(steps):
    schedule = make_schedule(CONFIG, steps)
    assert len(schedule) == steps
    for one, next_one in zip(schedule.strides, schedule.strides[1:], strict=False):
        assert one.t > next_one.t or steps >= 999
        assert one.now.sigma > one.then.sigma
        if steps < 999:  # at 1000 steps the offset points past the end
            assert one.then == next_one.now
    for stride in schedule.strides:
        assert math.isclose(stride.now.alpha**2 + stride.now.sigma**2, 1, rel_tol=1e-12)


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_longer_strides_are_of_the_same_walk(count):
    whole = make_schedule(CONFIG, 20)
    short = whole.coarse(count)
    assert len(short) == count
    assert (short.strides[0].t, short.strides[0].now) == (whole.strides[0].t, whole.strides[0].now)
    assert short.strides[-1].then == whole.strides[-1].then
    assert all(a.then == b.now for a, b in zip(short.strides, short.strides[1:], strict=False))
    assert {(s.t, s.now) for s in short.strides} <= {(s.t, s.now) for s in whole.strides}
    assert whole.coarse(20) == whole.coarse(99) == whole


def test_gaussian_oracle():
    """For data N(0, s²) the exact noise prediction is known, and DDIM's result too in the limit of small steps.

    With ε(x, t) = σ x / (α² s² + σ²) the flow is linear, and takes x_T to x_T · s / √(α_T² s² + σ_T²)
    at the last point. The error of DDIM falls as 1 / steps: measured 2.6e-3 at 500 steps.
    """
    s = 0.5

    def predict(x, stride, k):
        del k
        alpha, sigma = stride.now.alpha, stride.now.sigma
        return to_prediction(x * sigma / (alpha**2 * s**2 + sigma**2), x, stride, "epsilon")

    errors = []
    for steps in (50, 500):
        schedule = make_schedule(CONFIG, steps)
        x = torch.ones(1, 1, 1, 1, dtype=torch.float64)
        *_, (last, _) = make_sampler("ddim", schedule).iterate((x,), predict)
        start, end = schedule.strides[0].now, schedule.strides[-1].then
        spread = [math.hypot(point.alpha * s, point.sigma) for point in (start, end)]
        errors.append(abs(last.x.item() - spread[1] / spread[0]))
    assert errors[1] < 4e-3
    assert errors[1] < errors[0] / 5


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_predictions_mean_the_same(kind):
    x0, epsilon = torch.randn(2, 1, 4, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    stride = Stride(500, Point.of(0.3), Point.of(0.5))
    alpha, sigma = stride.now.alpha, stride.now.sigma
    x = alpha * x0 + sigma * epsilon
    output = {"epsilon": epsilon, "v_prediction": alpha * epsilon - sigma * x0, "sample": x0}[kind]
    answer = to_prediction(output, x, stride, kind)
    assert torch.allclose(answer.denoised, x0, atol=1e-12)
    assert torch.allclose(answer.epsilon, epsilon, atol=1e-12)


def test_a_step_with_a_perfect_prediction_lands_on_the_line():
    x0, epsilon = torch.randn(2, 1, 4, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    schedule = make_schedule(CONFIG, 10)
    stride = schedule.strides[3]
    (x,), _ = DDIM(schedule).step((torch.zeros_like(x0),), 3, lambda *_: Prediction(epsilon, x0))
    assert torch.allclose(x, stride.then.alpha * x0 + stride.then.sigma * epsilon, atol=1e-15)


@pytest.mark.parametrize(
    ("config", "steps", "says"),
    [
        (CONFIG, 0, "steps=0: expected a whole number from 1 to 1000"),
        (CONFIG, 1001, "steps=1001"),
        ({**CONFIG, "prediction_type": "flow"}, 10, "prediction_type='flow'"),
        ({"num_train_timesteps": 1000, "shift": 3.0}, 10, "flow matching is not supported"),
    ],
)
def test_refusals(config, steps, says):
    with pytest.raises(ValueError, match=says):
        make_schedule(config, steps)


def test_a_clipping_scheduler_is_warned_about():
    with pytest.warns(UserWarning, match="clips"):
        make_schedule({**CONFIG, "clip_sample": True}, 5)


def test_unknown_sampler():
    with pytest.raises(ValueError, match="sampler='plms': expected one of bdia, ddim"):
        make_sampler("plms", make_schedule(CONFIG, 5))
