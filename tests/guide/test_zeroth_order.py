"""Gradients from differences: unbiased on a walk that can be worked out, with the variance that the article tells."""

from __future__ import annotations

import math

import pytest
import torch
from gaussian import S, best, schedule

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.guide import MeanColour, Reward, doodl, sgool
from guidewidgets.guide.presets import make_plan
from guidewidgets.guide.zeroth_order import Probes
from guidewidgets.vision.saliency import Painted

# Pictures from N(m, s²) by a network that knows it: DDIM is then affine in x_T, and a quadratic loss has a gradient
# that can be written down.
SCHEDULE = schedule((0.02, 0.2, 0.6, 1.0))
SHAPE = (2, 4, 4)


def finished(x):
    sampler = make_sampler("ddim", SCHEDULE)
    state = (x,)
    for k in range(len(SCHEDULE)):
        state, _ = sampler.step(state, k, best)
    return state[0]


TARGET = draw(1, SHAPE, 5).double()


def loss(x):
    """½ |x_0 - target|²: (n,)."""
    return (finished(x) - TARGET).square().sum((1, 2, 3)) / 2


def exact(x):
    """What the walk multiplies by, in closed form, times what is left to the target."""
    gain = 1.0
    for stride in SCHEDULE.strides:
        now, then = stride.now, stride.then
        clean = S**2 * now.alpha / (now.alpha**2 * S**2 + now.sigma**2)
        gain *= then.alpha * clean + then.sigma * (1 - now.alpha * clean) / now.sigma
    return gain * (finished(x) - TARGET)


@pytest.mark.parametrize("smoothing", [0.01, 0.5])
def test_on_a_quadratic_its_mean_is_the_gradient(smoothing):
    """Within 5 of the standard errors that the formula gives, for each of 64 numbers; and its variance is as told."""
    x, k = draw(2, SHAPE, 0).double(), 20_000
    probes = Probes.draw(x, k, smoothing, torch.Generator().manual_seed(1))
    losses = loss(probes.around(x))[2:]
    g, found = exact(x), probes.gradient(losses)
    squares = g.square().sum((1, 2, 3), keepdim=True)
    error = ((squares + g.square()) / k).sqrt()
    assert ((found - g) / error).abs().max() < 5
    assert (error / g.abs().mean()).max() < 0.2  # sharp enough to tell
    # 20,000 estimates of one direction each: their variance is known to √(~10 / k) or 2 %, a mean of 64 better.
    ahead, behind = losses.reshape(2, k, 2)
    each = ((ahead - behind) / (2 * smoothing))[..., None, None, None] * probes.directions
    assert (each.var(0) / (k * error.square())).mean() == pytest.approx(1, abs=0.05)


def test_it_is_the_gradient_of_the_smoothed_loss():
    """Of Σ x³ that is 3 x² + 3 σ², which is not the gradient of the loss."""
    x, k, sigma = draw(1, (1, 2, 2), 3).double(), 200_000, 0.7
    probes = Probes.draw(x, k, sigma, torch.Generator().manual_seed(0))
    losses = probes.around(x).pow(3).sum((1, 2, 3))[1:]
    g = 3 * x.square() + 3 * sigma**2
    ahead, behind = losses.reshape(2, k)
    each = ((ahead - behind) / (2 * sigma))[:, None, None, None, None] * probes.directions
    assert ((probes.gradient(losses) - g) / (each.std(0) / math.sqrt(k))).abs().max() < 5
    assert (probes.gradient(losses) - 3 * x.square()).abs().max() > 1


def test_each_image_has_its_own_and_pairs_keep_their_shape():
    x, chance = draw(6, SHAPE, 0).reshape(2, 3, *SHAPE), torch.Generator().manual_seed(0)
    probes = Probes.draw(x, 4, 0.1, chance)
    assert probes.around(x).shape == (2, 3 * 9, *SHAPE)
    assert torch.equal(probes.around(x)[:, :3], x)
    assert torch.allclose(probes.around(x)[:, 3:6] + probes.around(x)[:, 15:18], 2 * x, atol=1e-6)
    losses = torch.zeros(24)
    losses[1] = 1.0  # the first probe of the second image alone
    g = probes.gradient(losses)
    assert g.shape == x.shape
    assert not g[:, [0, 2]].any()
    assert torch.allclose(g[:, 1], probes.directions[0, :, 1] * 5 / 4)


def test_on_a_model_it_points_where_the_gradient_does(seeing):
    """By its cosine to one update of plain descent, near √(k / (k + d + 1)) of d numbers."""
    k, plain = 200, {"optimizer": "momentum", "momentum": 0.0, "lr": 1.0, "whiteness": False}
    x, objective = seeing.noise(1, seed=1), MeanColour((0.2, 0.6, 0.4))
    ends = [
        list(doodl(seeing, x, "a cat", objective, 1, sampling_steps=2, smoothing=0.01, probes=p, **plain))[-1]
        for p in (0, k)
    ]
    exact, found = ((end.latent - x).flatten() for end in ends)
    cosine = torch.nn.functional.cosine_similarity(exact, found, 0)
    d = x.numel()
    assert cosine == pytest.approx(math.sqrt(k / (k + d + 1)), abs=5 / math.sqrt(d))


class Greenish:
    """The share of pixels that are more green than red: nothing about it can be differentiated."""

    def score(self, images, prompts):
        del prompts
        return (images[:, 1] > images[:, 0]).double().mean((1, 2)).float()


def test_a_score_without_a_gradient_rises(seeing):
    x = seeing.noise(1, seed=2)
    how = {"sampling_steps": 2, "lr": 0.1, "probes": 8, "smoothing": 0.3}
    run = doodl(seeing, x, "a cat", Reward(Greenish()), 8, **how)
    states = list(run)
    assert states[0].loss > states[4].loss > states[8].loss
    assert all(state.image.shape == (1, 3, 16, 16) and state.latent.shape == x.shape for state in states)
    assert all(len(record.terms[name]) == 1 for record in run.records for name in record.terms)
    again = list(doodl(seeing, x, "a cat", Reward(Greenish()), 8, **how))
    assert torch.equal(again[-1].latent, states[-1].latent)
    with pytest.raises(FloatingPointError, match="does not depend on the image"):
        list(doodl(seeing, x, "a cat", Reward(Greenish()), 1, sampling_steps=2))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"probes": -1}, "probes=-1: expected at least 0"),
        ({"probes": 20_000}, "probes=20000: expected at most 10,000"),
        ({"smoothing": 0.0}, "smoothing=0.0: expected at least 1e-06"),
        ({"smoothing": float("nan")}, "smoothing=nan"),
    ],
)
def test_refusals(changes, says):
    with pytest.raises(ValueError, match=says):
        make_plan(None, changes)


def test_what_looks_elsewhere_each_time_takes_none(seeing):
    from guidewidgets.region import Region

    left = Painted(Region.box(0, 0, 0.5, 1))
    with pytest.raises(ValueError, match="probes=2: expected 0 with method 'sgool'"):
        sgool(seeing, seeing.noise(1), "a cat", MeanColour((1, 0, 0)), left, 1, probes=2)
    with pytest.raises(TypeError, match=r"probes=0\.5: expected a whole number"):
        make_plan(None, {"probes": 0.5})
