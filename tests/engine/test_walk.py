"""The engine's doors: one place prepares a walk, makes a schedule, and says which encoder a model has."""

from __future__ import annotations

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.guidance.negation import gains
from guidewidgets.engine.samplers.base import to_prediction
from guidewidgets.engine.samplers.registry import SAMPLERS
from guidewidgets.engine.samplers.schedule import Point, Stride
from guidewidgets.genome import Anchor
from guidewidgets.region import Box

PROMPT = "a fox AND a beach ::0.5"


@torch.no_grad()
def by_hand(run):
    state = run.start()
    for k in range(len(run.sampler.schedule)):
        state, _ = run.sampler.step(state, k, run.predict)
        if run.constrain is not None:
            state = run.constrain(k, state)
    return state[0]


def finished(engine, genomes, **kwargs):
    return list(engine.sample(genomes, **kwargs))[-1].x


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_walk_made_by_hand_is_the_engines(engine, sampler):
    genomes = engine.genomes(engine.noise(2, seed=1), PROMPT, steps=5, guidance=3.0, sampler=sampler)
    assert torch.equal(by_hand(engine.walk(genomes)), finished(engine, genomes))


def test_locked_parents_latents_and_strides_go_with_it(engine):
    parent, child = engine.genomes(engine.noise(2, seed=2), PROMPT, steps=6)
    locked = child.replace(anchor=Anchor(parent, Box(0.0, 0.0, 0.5, 0.5)))
    run = engine.walk([locked, child])
    assert [len(member) for member in run.latents] == [2]
    assert torch.equal(by_hand(run), finished(engine, [locked, child]))
    x = engine.noise(2, seed=3)
    assert torch.equal(by_hand(engine.walk([locked, child], x)), finished(engine, [locked, child], x=x))
    sketch = engine.walk([child], strides=3)
    assert len(sketch.sampler.schedule) == 3
    assert torch.equal(by_hand(sketch), finished(engine, [child], strides=3))


def test_walks_that_cannot_be_prepared(engine, words):
    genomes = engine.genomes(engine.noise(1), "a cat", steps=3)
    stranger = Engine.load(tiny.stable_diffusion(words, "v_prediction"))
    stranger.revision = "0" * 12
    with pytest.raises(ValueError, match="cannot be rendered by"):
        stranger.walk(genomes)
    with pytest.raises(ValueError, match="strides=0: expected at least 1"):
        engine.walk(genomes, strides=0)
    for sampler in ("ddim", "heun", "dpmpp-2m"):  # the last two carry a second member, which is no latent
        lone = [genomes[0].replace(sampler=sampler)]
        with pytest.raises(ValueError, match=f"needs a sampler that carries two, not {sampler!r}"):
            engine.walk(lone, engine.noise(2)[:, None])
    with pytest.raises(ValueError, match=r"latents \[0\] hold NaN"):
        engine.walk(genomes, torch.full((1, 4, 8, 8), torch.nan))


def test_nobody_outside_reaches_for_a_pipelines_parts():
    """By the source: what a family owns is asked of the family."""
    import re
    from pathlib import Path

    import guidewidgets

    house = Path(guidewidgets.__file__).parent
    parts = re.compile(r"pipeline\.(unet|transformer|vae|scheduler)")
    touching = {p.relative_to(house).parts[:2] for p in house.rglob("*.py") if parts.search(p.read_text())}
    assert touching == {("engine", "model"), ("engine", "families")}


@pytest.mark.parametrize("sigma", [1.0, 0.7, 0.01])
def test_flow_predictions_become_noise_and_picture(sigma):
    """Against their definition, x = (1 - s) x_0 + s ε and v = ε - x_0; fp64 leaves a few roundings."""
    generator = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 3, 4, 8, 8, dtype=torch.float64, generator=generator)
    stride = Stride(1000 * sigma, Point(1 - sigma, sigma), Point(1, 0))
    found = to_prediction(noise - clean, (1 - sigma) * clean + sigma * noise, stride, "flow")
    assert (found.epsilon - noise).abs().max() < 1e-14
    assert (found.denoised - clean).abs().max() < 1e-14


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample", "flow"])
def test_what_a_not_learns_does_not_hang_on_what_the_network_predicts(kind):
    """σ/α times the difference of two noises, from differences of what is predicted, up to its sign."""
    now = Point(0.4, 0.6) if kind == "flow" else Point.of(0.3)
    stride = Stride(500, now, Point(0.7, 0.3) if kind == "flow" else Point.of(0.5))
    x, a, b = torch.randn(3, 1, 4, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    noises = [to_prediction(output, x, stride, kind).epsilon for output in (a, b)]
    squares = (now.noise_to_signal * (noises[0] - noises[1])).square().sum()
    rise = (stride.then.alpha / stride.then.sigma) ** 2 - (now.alpha / now.sigma) ** 2
    assert gains(stride, kind)[0] * (a - b).square().sum() == pytest.approx(
        float(0.5 * rise * squares), rel=1e-12
    )
