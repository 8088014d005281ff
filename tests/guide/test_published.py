"""The published plans against the released code's own rules, written down apart from ours."""

from __future__ import annotations

import pytest
import tiny
import torch
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.engine import Engine, LatentPair
from guidewidgets.guide import MeanColour, Symmetry, doodl
from guidewidgets.prompt import Prompt

STEPS, GUIDANCE, P = 4, 3.0, 0.93
OBJECTIVE = Symmetry() + 0.5 * MeanColour((1.0, 0.0, 0.0))
UPDATES = {"published:aesthetic": (1.0, 1e-3, False), "published:clip": (1.0, 1e-3, True)}


@pytest.fixture(scope="module")
def engine(words):
    return Engine.load(tiny.stable_diffusion(words), dtype="float64")


@pytest.fixture(scope="module")
def pair(engine):
    """Two latents that differ, as those of a real picture do."""
    x = engine.noise(1, seed=1).double()
    return torch.stack([x, x + 0.2 * engine.noise(1, seed=2)])


def edict(engine, pair):
    """Both finished latents, by the paper's equations 5, 14 and 15; differentiable."""
    bars = engine.pipeline.scheduler.alphas_cumprod.double()
    scheduler = engine.pipeline.scheduler
    scheduler.set_timesteps(STEPS)
    times = scheduler.timesteps.tolist()
    states = [pair[0], pair[1]]
    for k, t in enumerate(times):
        then = bars[times[k + 1]] if k + 1 < len(times) else bars[0]
        a = (then / bars[t]).sqrt()
        b = (1 - then).sqrt() - a * (1 - bars[t]).sqrt()
        for j in (k % 2, 1 - k % 2):
            rows = engine.network.ask(states[1 - j], torch.tensor([0, 0]), ["", "a cat"], t, engine.size)
            states[j] = a * states[j] + b * (rows[0] + GUIDANCE * (rows[1] - rows[0]))[None]
        states[0] = P * states[0] + (1 - P) * states[1]
        states[1] = (1 - P) * states[0] + P * states[1]
    return states


def released(engine, pair, updates, scale, clip, tied):
    """The released loop: both pictures' losses summed; half the gradient, meant where tied, clipped, heavy ball."""
    loss = OBJECTIVE.bind(None)
    lengths = pair.flatten(2).norm(dim=2)[..., None, None, None]
    velocity, seen = torch.zeros_like(pair), []
    for _ in range(updates):
        leaf = pair.clone().requires_grad_()
        total = sum(loss(engine.decode(z)).sum() for z in edict(engine, leaf)) * scale
        (g,) = torch.autograd.grad(total, leaf)
        pull = -0.5 * g
        if tied:
            pull = pull.mean(0, keepdim=True).expand_as(pull)
        velocity = 0.9 * velocity + pull.clamp(-clip, clip)
        pair = pair + velocity
        if tied:
            pair = pair.mean(0, keepdim=True).expand_as(pair)
            pair = pair * lengths / pair.flatten(2).norm(dim=2)[..., None, None, None]
        seen.append((total.item(), g, pair))
    return seen


def ours(engine, latent, preset, updates, **changes):
    how = {"sampling_steps": STEPS, "guidance": GUIDANCE, "perturbation": 0.0}
    return list(doodl(engine, latent, "a cat", OBJECTIVE, updates, preset=preset, **(how | changes)))


@pytest.mark.slow
@pytest.mark.parametrize("preset", UPDATES)
def test_inverted_pairs_move_as_in_the_released_code(engine, pair, preset):
    scale, clip, tied = UPDATES[preset]
    theirs = released(engine, pair, 3, scale, clip, tied)
    inverted = LatentPair(pair, Prompt("a cat"), STEPS, GUIDANCE, "edict")
    states = ours(engine, inverted, preset, 3)
    for before, after, (total, _, moved) in zip(states, states[1:], theirs, strict=False):
        assert before.loss == pytest.approx(total / scale, rel=1e-8)
        assert (after.latent - moved).abs().max() < 1e-8


def test_the_gradient_is_theirs_in_length_and_direction(engine, pair):
    """Without clip and momentum an update is lr · g: what a single picture's loss gives is another vector."""
    ((_, g, _),) = released(engine, pair, 1, 1.0, 1e-3, tied=False)
    inverted = LatentPair(pair, Prompt("a cat"), STEPS, GUIDANCE, "edict")
    found = {}
    for both in (True, False):
        states = ours(engine, inverted, "published:aesthetic", 1, clip=None, both=both)
        found[both] = (states[0].latent - states[1].latent).flatten()
    wanted = 0.5 * g.flatten()
    assert torch.allclose(found[True], wanted, rtol=1e-6, atol=1e-12)
    assert F.cosine_similarity(found[False], wanted, dim=0) < 0.999


def test_a_single_latent_stands_for_both(engine):
    """Tied latents from one: half of the sum's gradient, meant over the two, which is the mean's gradient halved."""
    x = engine.noise(1, seed=3).double()
    ((total, g, _),) = released(engine, torch.stack([x, x]), 1, 1.0, 1e-3, tied=True)
    states = ours(engine, x, "published:clip", 1, clip=None, renormalise=False)
    assert states[0].loss == pytest.approx(total / 2, rel=1e-8)
    assert torch.allclose(states[0].latent - states[1].latent, 0.25 * g.sum(0), rtol=1e-6, atol=1e-12)
