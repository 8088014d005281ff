"""Preconditioned gradients: orthogonal to the normals of white noise, and true to it to second order."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.guide import MeanColour, doodl
from guidewidgets.guide.preconditioning import precondition, tangent, unit
from guidewidgets.guide.presets import make_plan
from guidewidgets.guide.whiteness import bands

SHAPE = (4, 16, 16)
HOW = {"optimizer": "momentum", "momentum": 0.0}


def blocks(x):
    """Summed power of every block: a band of frequencies of a channel."""
    power = torch.fft.fft2(x.double(), norm="ortho").abs().square()
    block = bands(*x.shape[-2:])
    return torch.stack([power[..., block == b].sum(-1) for b in range(int(block.max()) + 1)], -1)


def smooth(n, seed):
    """A gradient as they come: nearly all of it in the low frequencies, and tiny."""
    return 1e-6 * torch.nn.functional.avg_pool2d(draw(n, SHAPE, seed), 7, 1, 3).double()


def test_it_is_orthogonal_to_every_normal():
    """The normals by autograd: gradients of the blocks' powers, in whose making no formula of ours takes part."""
    x, g = draw(1, SHAPE, 0).double().requires_grad_(), smooth(1, 1)
    before, after = [], []
    ours = tangent(g, x.detach())
    for power in blocks(x).flatten():
        (normal,) = torch.autograd.grad(power, x, retain_graph=True)
        normal = normal / normal.norm()
        before.append((normal * g).sum().abs() / g.norm())
        after.append((normal * ours).sum().abs() / g.norm())
    assert len(after) == 4 * 7
    assert max(before) > 0.05
    assert max(after) < 1e-14  # 64 bits, and a few hundred summands
    assert torch.allclose(tangent(ours, x.detach()), ours, atol=1e-14 * g.norm())  # a projection
    # The nearest such vector: what was taken away is a combination of normals.
    assert (ours * (g - ours)).sum().abs() < 1e-14 * g.norm() ** 2


@pytest.mark.parametrize("length", [1e-3, 1e-1, 1.0])
def test_an_update_keeps_whiteness_to_second_order(length):
    x, g = draw(2, SHAPE, 0).double(), smooth(2, 1)
    step = length * precondition(g, x, "tangent")
    gained = blocks(x + step) - blocks(x)
    assert torch.allclose(gained, blocks(step), rtol=1e-9, atol=1e-9)
    plain = length * unit(g)
    assert (blocks(x + plain) - blocks(x) - blocks(plain)).abs().max() > length  # of first order


def test_both_are_directions_of_length_one():
    x, g = draw(2, SHAPE, 0).double(), smooth(2, 1)
    assert torch.allclose(precondition(g, x, "tangent").square().mean((1, 2, 3)), torch.ones(2).double())
    white = precondition(g, x, "white")
    count = torch.bincount(bands(*SHAPE[1:]).flatten())
    assert torch.allclose(blocks(white), count.double().expand(2, 4, -1))  # the power of noise in each
    assert torch.allclose(precondition(white, x, "white"), white, atol=1e-12)  # a projection
    assert (white * g).sum((1, 2, 3)).min() > 0  # an ascent of what g ascends
    assert torch.equal(unit(torch.zeros(1, *SHAPE)), torch.zeros(1, *SHAPE))


def run(engine, objective, steps, **changes):
    x = engine.noise(1, seed=1)
    return list(doodl(engine, x, "a cat", objective, steps, sampling_steps=3, **{**HOW, "lr": 0.1} | changes))


@pytest.mark.parametrize("kind", ["tangent", "white"])
def test_an_optimisation_moves_by_it(seeing, kind):
    objective = MeanColour((0.2, 0.6, 0.4))
    states = run(seeing, objective, 6, precondition=kind, whiteness=False)
    assert min(state.loss for state in states[1:]) < states[0].loss
    for one, two in pairwise(states):
        step = (two.latent - one.latent).double()
        assert step.square().mean().sqrt() == pytest.approx(0.1, rel=0.2)
        if kind == "tangent":
            # float32 latents: sums of up to 300 products, each rounded to 6e-8
            grown = blocks(two.latent) - blocks(one.latent) - blocks(step)
            assert grown.abs().max() < 1e-4


def test_momentum_is_made_tangent_anew(seeing):
    states = run(
        seeing, MeanColour((0.2, 0.6, 0.4)), 4, precondition="tangent", momentum=0.9, whiteness=False
    )
    for one, two in pairwise(states):
        step = two.latent - one.latent
        assert (blocks(two.latent) - blocks(one.latent) - blocks(step)).abs().max() < 1e-4


def test_without_it_nothing_has_changed(seeing):
    objective = MeanColour((0.2, 0.6, 0.4))
    plain, none = run(seeing, objective, 2), run(seeing, objective, 2, precondition=None)
    assert torch.equal(plain[-1].latent, none[-1].latent)
    assert make_plan(None, {}).precondition is None


@pytest.mark.parametrize(
    ("preset", "changes", "says"),
    [
        (None, {"precondition": "white"}, "precondition='white': optimizer='adam' scales every element"),
        (None, {**HOW, "precondition": "tangent", "clip": 1e-3}, "precondition='tangent': clip=0.001 scales"),
        ("published:clip", {"precondition": "white"}, "clip=0.001 scales every element"),
        (
            None,
            {**HOW, "precondition": "pink"},
            "precondition='pink': expected None or one of tangent, white",
        ),
    ],
)
def test_refusals(preset, changes, says):
    with pytest.raises(ValueError, match=says):
        make_plan(preset, changes)
