"""Leverage and the embedding genome on transformers: the pipelines themselves, given shifted states, are the judges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from families import FAMILIES
from stored import SECONDS

import guidewidgets as gw
from guidewidgets.engine import Engine
from guidewidgets.engine.families.transformer import pack, unpack
from guidewidgets.engine.samplers.noise import Stream, draw
from guidewidgets.evaluate.leverage import LEVERS, SHARE, measure
from guidewidgets.evolve.embedding import draw_offsets
from guidewidgets.evolve.mutate import rotate
from guidewidgets.generators import returned

PROMPT, STEPS = "a fox", 4
TOLERANCE = 1e-4  # as `test_families.py`


def _stacked(embeddings):
    return {
        "prompt_embeds": torch.stack([e.states for e in embeddings]),
        "pooled_prompt_embeds": torch.stack([e.pooled for e in embeddings]),
    }


def _sd3(concepts, empty):
    negative = {f"negative_{k}": v for k, v in _stacked(empty).items()}
    return _stacked(concepts) | negative | {"guidance_scale": 3.0}


def _z_image(concepts, empty):
    lists = {
        "prompt_embeds": [e.states for e in concepts],
        "negative_prompt_embeds": [e.states for e in empty],
    }
    return lists | {"prompt": None, "guidance_scale": 2.0}  # which counts from 0


# How the pipeline is told a guidance of 3, concepts and what stands in the place of ∅.
TOLD: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "SD3": _sd3,
    "FLUX.1 dev": lambda concepts, _: _stacked(concepts) | {"guidance_scale": 3.0},
    "Z-Image": _z_image,
}


@pytest.fixture(params=list(TOLD))
def name(request):
    return request.param


@pytest.fixture
def pipeline(name, words):
    made = FAMILIES[name].build(words)
    made.set_progress_bar_config(disable=True)
    return made


@pytest.fixture
def engine(pipeline):
    return Engine.load(pipeline)


def painted(pipeline, engine, name, genomes, told=None):
    """The pipeline's own pictures (n, 3, H, W) of genomes, offsets included; `told` looks on after every step."""
    family, packed = engine.network.family, FAMILIES[name].packed
    plain, empty = family.encode(PROMPT), family.encode("", empty=True)
    moved = [
        type(plain)(plain.states + (0 if g.embedding_offset is None else g.embedding_offset), plain.pooled)
        for g in genomes
    ]
    x = torch.stack([g.latent for g in genomes])

    def after(_, k, __, kept):
        if told is None:
            return {}
        z = unpack(kept["latents"], *x.shape[2:]) if packed else kept["latents"]
        z = told(k, z)
        return {"latents": pack(z) if packed else z}

    return pipeline(
        latents=pack(x) if packed else x.clone(),
        num_inference_steps=STEPS,
        width=16,
        height=16,
        output_type="pt",
        callback_on_step_end=after,
        **TOLD[name](moved, [empty] * len(genomes)),
    ).images


def test_an_offset_is_what_the_pipeline_makes_of_shifted_states(name, pipeline, engine):
    genomes = engine.genomes(engine.noise(2, 3, (16, 16)), PROMPT, STEPS, 3.0)
    states = engine.network.encoded(PROMPT).states
    shifted = [
        g.replace(embedding_offset=o) for g, o in zip(genomes, draw_offsets(2, states, 0.5, 1), strict=True)
    ]
    *_, last = engine.sample(shifted)
    ours, theirs = engine.decode(last.x), painted(pipeline, engine, name, shifted)
    assert (ours - theirs).abs().max() <= TOLERANCE
    assert (theirs - painted(pipeline, engine, name, genomes)).abs().max() > 10 * TOLERANCE


def test_leverage_is_how_far_the_pipelines_pictures_move(name, pipeline, engine):
    genomes = engine.genomes(engine.noise(2, 5, (16, 16)), PROMPT, STEPS, 3.0)
    steps = measure(engine, genomes, seed=7)
    found = returned(steps)

    before = painted(pipeline, engine, name, genomes)
    turned = [g.replace(latent=rotate(g.latent, [math.asin(SHARE)], 7 + i)[0]) for i, g in enumerate(genomes)]
    offsets = draw_offsets(2, engine.network.encoded(PROMPT).states, SHARE, 7)
    shifted = [g.replace(embedding_offset=o) for g, o in zip(genomes, offsets, strict=True)]
    levels = [stride.now.sigma for stride in engine.schedule(STEPS, (16, 16)).strides] + [0.0]
    walked = [torch.stack([g.latent for g in genomes])]

    def renew(k, x):
        """After the second step; the picture is guessed from the first, whose x' = x + (s' - s) v."""
        walked.append(x)
        if k != 1:
            return x
        s = levels[2]
        v = (walked[1] - walked[0]) / (levels[1] - levels[0])
        guess = walked[0] - levels[0] * v
        noise = (x - (1 - s) * guess) / s
        fresh = draw(2, tuple(x.shape[1:]), 7, Stream.LEVERAGE)
        return (1 - s) * guess + s * (math.sqrt(1 - SHARE**2) * noise + SHARE * fresh)

    moved = {
        "noise": painted(pipeline, engine, name, turned),
        "embedding": painted(pipeline, engine, name, shifted),
        "early": painted(pipeline, engine, name, genomes, renew),
    }
    for lever in LEVERS:
        assert getattr(found, lever) > 0.01
        expected = float((moved[lever] - before).abs().mean()) * 255
        assert getattr(found, lever) == pytest.approx(expected, rel=1e-3, abs=255 * TOLERANCE / 10), lever


def test_an_embedding_genome_is_crossed_mutated_and_blended(engine):
    s = gw.Session(PROMPT, model=engine, seed=0)
    s.set(steps=2, guidance=3.0, size=(16, 16))
    s.sample(2, embedding=0.5).wait(SECONDS)
    s.sample(1, embedding=0.5, prompt="a fox on the beach").wait(SECONDS)  # of more tokens, in some models
    s.cross([0, 1, 2], n=2, fresh=0.0).wait(SECONDS)
    s.mutate(0, n=2).wait(SECONDS)
    s.blend([0, 2], n=2).wait(SECONDS)
    parents = [s[i].genome.embedding_offset for i in range(3)]
    crossed, mutated, blended = ([c.genome.embedding_offset for c in g] for g in list(s.history)[2:])
    for child in crossed:
        for row, token in enumerate(child):
            owners = [torch.equal(token, p[row]) if row < len(p) else not token.any() for p in parents]
            assert any(owners)
    scale = parents[0].square().mean().sqrt()
    for child in mutated + blended:
        assert child.square().mean().sqrt() == pytest.approx(float(scale), rel=0.25)
        assert not any(torch.equal(child[: len(p)], p[: len(child)]) for p in parents)
    *_, last = engine.sample([s[4].genome.replace(embedding_offset=None)])
    assert (last.x[0] - s[4].genome.latent).abs().max() > 0
    names = {"model": engine}
    exec(compile(s.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    assert [[c.hash for c in g] for g in names["s"].history] == [[c.hash for c in g] for g in s.history]
    s.close()
