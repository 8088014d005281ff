"""Gradients through networks in float16 point where float32's do, however small or large the loss."""

from __future__ import annotations

import pytest
import tiny
import torch
from torch import nn

import guidewidgets as gw
from guidewidgets.engine import Engine, half
from guidewidgets.engine.half import half_call

WEIGHTS = (1e-12, 1e-4, 1.0, 1e6, 1e30)


def cosine(a, b):
    a, b = a.flatten().double(), b.flatten().double()
    return float((a / a.norm()) @ (b / b.norm()))


@pytest.fixture(scope="module")
def engines(words):
    """The same tiny pipeline in float32, and in float16 with its autoencoder."""
    wide, narrow = (Engine.load(tiny.stable_diffusion(words), dtype=kind) for kind in ("float32", "float16"))
    narrow.codec.vae.half()
    return wide, narrow


def gradient(engine, weight, objective, mode):
    x = engine.noise(2, seed=3).requires_grad_()
    images = engine.render(x, "a cat", steps=3, guidance=7.5, gradient=mode)
    loss = weight * objective.bind(None)(images).sum()
    return torch.autograd.grad(loss, x)[0]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("objective", [gw.guide.MeanColour((1, 0, 0)), gw.guide.Symmetry()], ids=str)
def test_direction_and_length_are_those_of_float32(engines, objective, weight):
    expected, found = (gradient(e, weight, objective, "cached") for e in engines)
    assert torch.isfinite(found).all()
    assert cosine(expected, found) >= 0.999
    assert float(found.double().norm() / expected.double().norm()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("mode", ["full", "reversible"])
def test_every_way_of_going_back_is_scaled(engines, mode):
    sampler = {"sampler": "bdia"} if mode == "reversible" else {}
    found = []
    for engine in engines:
        x = engine.noise(1, seed=3).requires_grad_()
        images = engine.render(x, "a cat", steps=3, guidance=4.0, gradient=mode, **sampler)
        found += torch.autograd.grad(1e-9 * gw.guide.Symmetry().bind(None)(images).sum(), x)
    assert cosine(*found) >= 0.999


def test_without_scaling_a_small_loss_is_lost(engines, monkeypatch):
    """What the scaling is for: the same gradient, cast as it is."""
    monkeypatch.setattr(half, "TOP", None)
    monkeypatch.setattr("guidewidgets.engine.model.network.half_call", lambda ask, x, dtype: ask(x.to(dtype)))
    monkeypatch.setattr(
        "guidewidgets.engine.model.autoencoder.half_call", lambda ask, x, dtype: ask(x.to(dtype))
    )
    expected, found = (gradient(e, 1e-4, gw.guide.Symmetry(), "cached") for e in engines)
    assert not found.any() or cosine(expected, found) < 0.99
    assert not torch.isfinite(gradient(engines[1], 1e30, gw.guide.Symmetry(), "cached")).all()


def amplifier(gain):
    """A network whose gradient grows by `gain` to the fourth on its way."""
    torch.manual_seed(0)
    layers = []
    for _ in range(4):
        layer = nn.Linear(8, 8, bias=False)
        nn.init.orthogonal_(layer.weight)
        layers += [layer, nn.Tanh()]
    net = nn.Sequential(*layers).requires_grad_(requires_grad=False)
    with torch.no_grad():
        for layer in layers[::2]:
            layer.weight.mul_(gain)
    return net


@pytest.mark.parametrize("gain", [0.05, 1.0, 30.0])
def test_overflow_halves_the_factor_until_all_is_finite(gain):
    net, narrow = amplifier(gain), amplifier(gain).half()
    x = (1e-6 * torch.randn(5, 8, generator=torch.Generator().manual_seed(1))).requires_grad_()
    g = torch.randn(5, 8, generator=torch.Generator().manual_seed(2))
    g *= torch.tensor([1e-20, 1e-6, 1.0, 1e6, 1e20])[:, None]
    (expected,) = torch.autograd.grad(net(x), x, g)
    (found,) = torch.autograd.grad(half_call(narrow, x, torch.float16), x, g)
    for a, b in zip(expected, found, strict=True):
        assert cosine(a, b) >= 0.999
    again = [torch.autograd.grad(half_call(narrow, x, torch.float16), x, g)[0] for _ in range(2)]
    assert torch.equal(again[0], again[1])  # nothing is remembered
    # A row's gradient depends on no other row.
    (alone,) = torch.autograd.grad(half_call(narrow, x[2:3], torch.float16), x, g[2:3])
    assert torch.equal(alone[2], found[2])


def test_rows_without_a_gradient_stay_without():
    x = torch.ones(2, 8, requires_grad=True)
    g = torch.zeros(2, 8)
    g[1] = 1e-7
    (found,) = torch.autograd.grad(half_call(amplifier(1.0).half(), x, torch.float16), x, g)
    assert not found[0].any()
    assert found[1].any()


def test_what_is_not_finite_stays_so_and_ends():
    x = torch.ones(2, 8, requires_grad=True)
    g = torch.ones(2, 8)
    g[0, 0] = torch.nan
    (found,) = torch.autograd.grad(half_call(amplifier(1.0).half(), x, torch.float16), x, g)
    assert not torch.isfinite(found[0]).all()
    assert torch.isfinite(found[1]).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_wider_networks_are_asked_as_they_are(dtype):
    net = amplifier(1.0).to(dtype)
    x = torch.ones(2, 8, requires_grad=True)
    assert half_call(net, x, dtype).dtype == dtype
    (plain,) = torch.autograd.grad(net(x.to(dtype)).sum(), x)
    (found,) = torch.autograd.grad(half_call(net, x, dtype).sum(), x)
    assert torch.equal(plain, found)


def test_doodl_lowers_a_tiny_loss_in_half_precision(engines):
    states = list(
        gw.guide.doodl(
            engines[1], engines[1].noise(1), "a cat", 1e-7 * gw.guide.Symmetry(), 6, sampling_steps=2, lr=0.1
        )
    )
    assert states[-1].loss < states[0].loss
