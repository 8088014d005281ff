"""DOODL's optimiser, constraints and objectives, on a tiny pipeline and a tiny random CLIP."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.guide import ClipImage, ClipText, MeanColour, Symmetry, doodl
from guidewidgets.guide.crops import Crops
from guidewidgets.guide.doodl import best
from guidewidgets.guide.objectives import great_circle
from guidewidgets.guide.presets import PRESETS, make_plan
from guidewidgets.guide.whiteness import renormalise, whiten
from guidewidgets.vision import Objective


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return Engine.load(tiny.stable_diffusion(tmp_path_factory.mktemp("tokenizer")))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return tiny.clip(tmp_path_factory.mktemp("clip"))


def run(engine, objective, steps=8, **kwargs):
    return list(doodl(engine, engine.noise(2, seed=1), "a cat", objective, steps, sampling_steps=3, **kwargs))


def test_it_starts_at_the_plain_image_and_ends_after_the_last_update(engine):
    states = run(engine, Symmetry(), 4)
    assert [s.index for s in states] == [0, 1, 2, 3, 4]
    plain = engine.render(engine.noise(2, seed=1), "a cat", steps=3)
    assert torch.equal(states[0].image, plain)
    assert torch.equal(states[-1].image, engine.render(states[-1].latent, "a cat", steps=3))
    assert states[0].latent.dtype == torch.float32


@pytest.mark.slow
def test_the_loss_falls_and_a_random_walk_does_not(engine):
    objective = MeanColour((0.2, 0.6, 0.4))
    ours = run(engine, objective, 15)
    fall = ours[0].loss - ours[-1].loss  # random weights paint grey, and whiteness holds the noise to noise
    assert fall > 0.05 * ours[0].loss
    assert best(ours).loss == min(s.loss for s in ours)
    # The control: steps of the same length in random directions.
    x = engine.noise(2, seed=1)
    generator = torch.Generator().manual_seed(0)
    for before, after in pairwise(ours):
        length = (after.latent - before.latent).norm()
        step = torch.randn(x.shape, generator=generator)
        x = whiten(x + step * length / step.norm())
    loss = objective.bind(None)(engine.render(x, "a cat", steps=3)).mean()
    assert ours[0].loss - loss < fall / 3


def test_several_images_are_optimised_each_on_its_own(engine):
    together = run(engine, Symmetry(), 3)
    alone = list(doodl(engine, engine.noise(2, seed=1)[1], "a cat", Symmetry(), 3, sampling_steps=3))
    assert torch.allclose(together[-1].latent[1], alone[-1].latent[0], atol=1e-3)


@pytest.mark.slow
def test_momentum_is_torchs_heavy_ball(engine):
    changes = {"optimizer": "momentum", "lr": 0.3, "clip": None, "whiteness": False}
    states = run(engine, Symmetry(), 4, **changes)
    x = engine.noise(2, seed=1).requires_grad_()
    sgd = torch.optim.SGD([x], lr=0.3, momentum=0.9)
    for state in states:
        assert torch.allclose(state.latent, x.detach(), atol=1e-5)
        sgd.zero_grad()
        loss = Symmetry().bind(None)(engine.render(x, "a cat", steps=3, gradient="cached"))
        loss.sum().backward()
        sgd.step()


def test_the_published_plan_keeps_the_norm_and_bounds_the_drift(engine):
    x = engine.noise(1, seed=2)
    states = list(
        doodl(engine, x, "a cat", Symmetry(), 3, preset="published:clip", sampling_steps=3, guidance=2.0)
    )
    for state in states:
        assert abs(state.latent.norm() / x.norm() - 1) < 1e-6
    # |update| ≤ c/(1 - momentum) + 6σ for each element, before the norm is brought back.
    bound = 1e-3 / 0.1 + 6e-4 + 1e-3
    assert all((b.latent - a.latent).abs().max() < bound for a, b in pairwise(states))


def test_repeatable(engine):
    one, two = (run(engine, Symmetry(), 2, perturbation=1e-2, seed=3)[-1] for _ in range(2))
    assert torch.equal(one.latent, two.latent)
    assert not torch.equal(one.latent, run(engine, Symmetry(), 2, perturbation=1e-2, seed=4)[-1].latent)


def test_presets_carry_the_published_numbers():
    plan = PRESETS["published:personal"]
    assert (plan.lr, plan.clip, plan.perturbation, plan.momentum) == (1.5, 3e-3, 0.0, 0.9)
    assert (plan.sampler, plan.sampling_steps, plan.guidance) == ("edict", 50, 7.5)
    assert make_plan("published:clip", {"clip": 1.0}).clip == 1.0


# Constraints


def test_whitening_leaves_noise_alone_and_flattens_what_is_not():
    z = draw(3, (4, 32, 32), 0)
    assert (whiten(z) - z).abs().max() < 0.35  # a band in hundreds may lie beyond three standard errors
    assert torch.nn.functional.cosine_similarity(whiten(z).flatten(), z.flatten(), dim=0) > 0.999
    smooth = z + 9 * torch.nn.functional.avg_pool2d(z, 9, 1, 4)
    white = whiten(smooth)
    assert abs(white.std() - 1) < 0.1 < abs(smooth.std() - 1)
    assert torch.allclose(whiten(white), white, atol=1e-4)  # a projection


def test_the_norm_alone_does_not_see_a_ramp():
    """Why whiteness: a ramp scaled to the right norm passes the published constraint."""
    ramp = torch.linspace(-1, 1, 32).expand(1, 4, 32, 32)
    length = draw(1, (4, 32, 32), 0).flatten(1).norm(dim=1)
    fixed = renormalise(ramp, length)
    assert abs(fixed.flatten(1).norm() - length) < 1e-3
    assert (whiten(fixed) - fixed).abs().max() > 0.5


# Objectives


def test_great_circle():
    u, v = torch.eye(4, dtype=torch.float64)[:2]
    assert great_circle(u, u) < 1e-18
    assert math.isclose(great_circle(u, v), math.pi**2 / 8)
    assert math.isclose(great_circle(u, -u), math.pi**2 / 2)
    w = u.clone().requires_grad_()
    great_circle(w, u).backward()
    assert torch.isfinite(w.grad).all()


@pytest.mark.slow
@pytest.mark.parametrize("make", [lambda: ClipText("a fox"), lambda: ClipImage([torch.rand(3, 20, 30)])])
def test_clip_objectives_fall(engine, encoder, make):
    engine.encoder = encoder
    states = run(engine, make(), 8, lr=0.1)
    engine.encoder = None
    assert states[-1].loss < states[0].loss


def test_sums_and_weights(engine):
    objective = 0.5 * Symmetry() + MeanColour((1, 0, 0)) * 2
    state = run(engine, objective, 0)[0]
    assert list(state.losses) == ["Symmetry", "MeanColour(1, 0, 0)"]
    assert math.isclose(state.loss, sum(state.losses.values()), rel_tol=1e-5)
    assert objective.name == "0.5 × Symmetry + 2 × MeanColour(1, 0, 0)"
    images = torch.rand(2, 3, 8, 8)
    assert torch.allclose(
        objective.bind(None)(images),
        0.5 * Symmetry().bind(None)(images) + 2 * MeanColour((1, 0, 0)).bind(None)(images),
    )


# Refusals


class Blind(Objective):
    name = "Blind"

    def bind(self, encoder):
        return lambda images: torch.zeros(len(images))


class Broken(Objective):
    name = "Broken"

    def bind(self, encoder):
        return lambda images: images.mean((1, 2, 3)) / 0.0


@pytest.mark.parametrize(
    ("objective", "kwargs", "kind", "says"),
    [
        (ClipText("a fox"), {}, ValueError, r"ClipText\('a fox'\) needs an image encoder"),
        (Blind(), {}, FloatingPointError, "Blind does not depend on the image"),
        (Broken() + Symmetry(), {}, FloatingPointError, "Broken became .* at step 0"),
        (Symmetry(), {"preset": "published:magic"}, ValueError, "preset='published:magic'"),
        (Symmetry(), {"learning_rate": 1}, TypeError, "unknown argument learning_rate"),
        (Symmetry(), {"lr": -1}, ValueError, "lr=-1: expected at least 0"),
        (Symmetry(), {"optimizer": "lion"}, ValueError, "optimizer='lion'"),
        (Symmetry(), {"guidance": -1}, ValueError, "guidance=-1"),
        (Symmetry(), {"gradient": "reversible"}, ValueError, "undoing 3 steps of DDIM"),
    ],
)
def test_refusals(engine, objective, kwargs, kind, says):
    with pytest.raises(kind, match=says):
        run(engine, objective, 2, **kwargs)


def test_bad_colours_references_and_crops():
    with pytest.raises(ValueError, match="three numbers"):
        MeanColour((2, 0, 0))
    with pytest.raises(ValueError, match="at least one image"):
        ClipImage([])
    with pytest.raises(ValueError, match="reduce one of mean, min"):
        Crops(reduce="max")
    for changes in ({"largest": 0.5}, {"largest": 100.0}, {"noise": -1.0}):
        with pytest.raises(ValueError, match=r"largest in \[1, 4\] and noise"):
            Crops(**changes)
