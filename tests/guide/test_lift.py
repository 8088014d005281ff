"""Lift: how much better a model denoises a picture when it is told a concept, against a plain computation."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.generators import returned
from guidewidgets.guide.lift import GRID, lifts
from guidewidgets.prompt import Prompt
from guidewidgets.region import Box

LEVELS = (0.25, 0.75)


def plain(engine, z, text, weight=1.0):
    """The lift of one concept by the pipeline's own parts: v's error is ε's, over α."""
    pipe, noise = engine.pipeline, engine.noise(len(LEVELS), 3)
    timesteps = list(engine.schedule(GRID).strides)
    states = [pipe.encode_prompt(t, "cpu", 1, False)[0] for t in ("", text)]
    total = torch.zeros(z.shape[0])
    for level, epsilon in zip(LEVELS, noise, strict=True):
        t = timesteps[int(level * GRID)].t
        bar = pipe.scheduler.alphas_cumprod[int(t)]
        x = bar.sqrt() * z + (1 - bar).sqrt() * epsilon
        with torch.no_grad():
            without, told = (
                pipe.unet(x, t, encoder_hidden_states=s.expand(len(z), -1, -1)).sample for s in states
            )
        gain = ((without - epsilon).square() - (told - epsilon).square()) / bar * weight
        total += gain.mean((1, 2, 3)) / len(LEVELS)
    return total.tolist()


def test_it_is_what_the_pipelines_own_network_says(engine):
    z = torch.randn(2, *engine.latent_shape, generator=torch.Generator().manual_seed(0))
    prompts = [Prompt.parse("cat AND hat AND NOT dog"), Prompt.parse("dog")]
    found = returned(lifts(engine, z, prompts, 3, LEVELS))
    assert [list(one) for one in found] == [["cat", "hat"], ["dog"]]
    for i, one in enumerate(found):
        for text, lift in one.items():
            # fp32 sums of some hundred squares of order one
            assert lift == pytest.approx(plain(engine, z[i : i + 1], text)[0], abs=1e-5)


def test_what_is_not_wanted_has_the_same_lift_turned_around(engine):
    z = torch.randn(1, *engine.latent_shape, generator=torch.Generator().manual_seed(0))
    prompt = Prompt.parse("hat AND cat AND NOT dog")
    (found,) = returned(lifts(engine, z, [prompt], 3, LEVELS, negated=True))
    assert set(found) == {"cat", "hat", "NOT dog"}
    assert found["NOT dog"] == pytest.approx(-plain(engine, z, "dog")[0], abs=1e-5)


def test_a_region_is_looked_at_alone(engine):
    z = torch.randn(1, *engine.latent_shape, generator=torch.Generator().manual_seed(0))
    cat = Prompt("cat")
    halves = [cat.at(Box(0, 0, 0.5, 1)), cat.at(Box(0.5, 0, 1, 1))]
    whole, *parts = (returned(lifts(engine, z, [p], 3, LEVELS))[0]["cat"] for p in (cat, *halves))
    assert parts[0] != pytest.approx(parts[1], rel=1e-3)
    assert sum(parts) / 2 == pytest.approx(whole, abs=1e-6)


def test_it_yields_after_every_call_of_the_network(engine):
    z = torch.randn(1, *engine.latent_shape)
    assert len(list(lifts(engine, z, [Prompt("cat")], levels=(0.1, 0.2, 0.3)))) == 3


def test_the_empty_prompt_has_no_concept_to_hold(engine):
    z = torch.randn(1, *engine.latent_shape)
    assert returned(lifts(engine, z, [Prompt("")])) == [{}]
