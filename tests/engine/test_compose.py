"""Composition on tiny random pipelines: the published update, its algebra, every sampler and gradient."""

from __future__ import annotations

import itertools
import warnings

import pytest
import torch
from mixed import mixed

from guidewidgets.engine import Engine
from guidewidgets.engine.guidance.composition import combine, compose
from guidewidgets.engine.samplers.registry import SAMPLERS
from guidewidgets.prompt import Prompt

STEPS, GUIDANCE = 4, 7.5
# The same sums in another order and batch, on images of a range of 1: measured 2e-7.
SAME = 1e-5


def render(engine, prompt, x=None, **settings):
    x = engine.noise(2, seed=1) if x is None else x
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of NOTs that outweigh the rest: here on purpose
        return engine.render(x, prompt, **{"steps": STEPS, "guidance": GUIDANCE} | settings)


def community(pipeline, x, texts, weights):
    """The update of the paper as diffusers' community pipeline makes it: one call per row, the pipeline's scheduler."""
    from diffusers import DDIMScheduler

    scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(STEPS)
    states = [pipeline.encode_prompt(text, "cpu", 1, False)[0] for text in ["", *texts]]
    with torch.no_grad():
        for t in scheduler.timesteps:
            eps = [
                pipeline.unet(x, t, encoder_hidden_states=state.expand(len(x), -1, -1)).sample
                for state in states
            ]
            noise = eps[0] + sum(w * (e - eps[0]) for w, e in zip(weights, eps[1:], strict=True))
            x = scheduler.step(noise, t, x).prev_sample
        return (pipeline.vae.decode(x / pipeline.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)


@pytest.mark.parametrize("weights", [(7.5, 7.5, 7.5), (7.5, 7.5, -7.5), (7.5, 5.0, -2.0)])
def test_the_published_update(pipelines, engine, weights):
    texts = ["cat", "hat", "mat"]
    prompt = Prompt.parse(" AND ".join(texts))
    x = engine.noise(2, seed=1)
    expected = community(pipelines["SD 1 (epsilon)"], x, texts, weights)
    assert expected.std() > 0.01
    joined = Prompt.parse(
        " AND ".join(f"{t} ::{w / GUIDANCE!r}" for t, w in zip(texts, weights, strict=True))
    )
    assert (render(engine, joined, x) - expected).abs().max() <= SAME
    imported = "|".join(map(str, weights))
    from guidewidgets.prompt.compat import from_diffusers

    assert (
        render(engine, from_diffusers("cat | hat | mat", imported, GUIDANCE), x) - expected
    ).abs().max() <= SAME
    if weights == (7.5, 7.5, 7.5):
        assert torch.equal(render(engine, prompt, x), render(engine, joined, x))


@pytest.mark.slow
def test_order_never_matters(engine):
    terms = ["cat", "hat ::0.5", "NOT mat", "dog @left"]
    pictures = [render(engine, " AND ".join(order)) for order in itertools.permutations(terms)]
    assert all(torch.equal(picture, pictures[0]) for picture in pictures)


@pytest.mark.parametrize("negation", ["linear", "perp", "dynamic"])
def test_not_is_a_weight_of_minus_one(engine, negation):
    one, other = (render(engine, p, negation=negation) for p in ("cat AND NOT dog", "cat AND dog ::-1"))
    assert torch.equal(one, other)
    assert not torch.equal(one, render(engine, "cat"))


@pytest.mark.parametrize("guidance", [3.0, 7.5])
def test_a_negative_prompt_is_a_not_of_known_weight(engine, guidance):
    plain = render(engine, "cat", negative="dog", guidance=guidance)
    composed = render(engine, f"cat AND NOT dog ::{(guidance - 1) / guidance!r}", guidance=guidance)
    assert (plain - composed).abs().max() <= SAME
    assert (plain - render(engine, "cat AND NOT dog", guidance=guidance)).abs().max() > 10 * SAME


@pytest.mark.parametrize("negation", ["linear", "perp", "dynamic"])
def test_one_concept_is_plain_guidance_bit_for_bit(engine, negation):
    x = engine.noise(3, seed=2)
    composition = compose(Prompt("cat"), GUIDANCE, None, negation)
    outputs = {}

    def ask(images, rows):
        texts = [row.text for row in rows]
        return outputs.setdefault("rows", engine.network.ask(x, images, texts, 500, (16, 16)))

    with torch.no_grad():
        guided = combine([composition] * 3, ask, 0.0)
    empty, cat = outputs["rows"].split(3)
    assert torch.equal(guided, empty + GUIDANCE * (cat - empty))


def test_a_mixed_batch_is_its_images_one_by_one(engine):
    prompts = ["cat", "cat AND hat", "dog AND NOT mat ::0.5", "", "hat @left AND cat %0-0.5"]
    x = engine.noise(len(prompts), seed=3)
    for negation in ("linear", "perp", "dynamic"):
        together = render(engine, prompts, x, negation=negation)
        for i, prompt in enumerate(prompts):
            alone = render(engine, prompt, x[i : i + 1], negation=negation)
            assert (together[i : i + 1] - alone).abs().max() <= 1e-4


def test_masks_and_masks_of_the_rest_are_no_mask(engine):
    whole = render(engine, "cat")
    assert (render(engine, "cat @left AND cat @right") - whole).abs().max() <= SAME
    assert (render(engine, "cat @[0,0,1,1]") - whole).abs().max() <= SAME
    assert (render(engine, "cat @left") - whole).abs().max() > 1e-3


def test_a_text_in_several_regions_is_asked_once_per_image():
    prompts = ["cat @left AND cat @right AND hat", "cat @left AND NOT cat %0-0.5", "hat"]
    compositions = [compose(Prompt.parse(prompt), GUIDANCE, None) for prompt in prompts]
    asked = []

    def ask(images, rows):
        asked.extend(zip(images.tolist(), [row.text for row in rows], strict=True))
        return torch.randn(len(rows), 4, 8, 8, generator=torch.Generator().manual_seed(0))

    combine(compositions, ask, 0.0)
    assert len(asked) == len(set(asked))
    assert sorted(asked) == [(0, ""), (0, "cat"), (0, "hat"), (1, ""), (1, "cat"), (2, ""), (2, "hat")]


def test_weights_cancel_add_and_vanish(engine):
    assert torch.equal(render(engine, "cat ::0.4 AND cat ::0.6"), render(engine, "cat"))
    assert torch.equal(render(engine, "cat AND hat ::0"), render(engine, "cat"))
    assert torch.equal(render(engine, "NOT NOT cat"), render(engine, "cat"))
    assert torch.isfinite(render(engine, "cat AND NOT hat")).all()  # Σ w = 0, where others divide by it
    assert torch.equal(render(engine, "cat AND NOT cat"), render(engine, ""))
    assert torch.isfinite(render(engine, " AND ".join("abcdefgh"))).all()


def test_a_split_batch_is_the_whole_one(pipelines):
    engine = Engine.load(pipelines["SD 1 (epsilon)"])
    prompt = "cat AND hat AND NOT mat AND dog @left"
    whole = render(engine, prompt)
    engine.network.rows.limit = 2
    assert (render(engine, prompt) - whole).abs().max() <= 1e-4


def test_what_the_negation_has_in_common_with_the_rest_stays_with_perp(engine):
    # A negated concept that is the positive one itself is parallel to it: nothing of it is left to take away.
    x = engine.noise(1, seed=4)
    rows = {"": torch.zeros(4, 8, 8), "cat": torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(0))}
    rows["kitten"] = 0.5 * rows["cat"]

    def ask(images, asked):
        del images
        return torch.stack([rows[row.text] for row in asked])

    linear, perp = (
        combine([compose(Prompt.parse("cat AND NOT kitten"), 1.0, None, negation)], ask, 0.0)
        for negation in ("linear", "perp")
    )
    assert torch.allclose(linear, 0.5 * rows["cat"][None], atol=1e-6)
    assert torch.allclose(perp, rows["cat"][None], atol=1e-6)
    assert x.shape[0] == 1


COMPOSED = "cat AND hat ::0.5 AND NOT dog"


@pytest.mark.parametrize(
    ("corrector", "sampler", "negation"),
    mixed([None, {"steps": 2, "size": 0.1, "stop": 0.7}], [*SAMPLERS], ["linear", "perp", "dynamic"]),
)
def test_gradients_are_those_of_autograd(engine, sampler, negation, corrector):
    def loss(kind):
        x = engine.noise(1, seed=5).requires_grad_()
        picture = render(
            engine, COMPOSED, x, sampler=sampler, negation=negation, corrector=corrector, gradient=kind
        )
        (picture * torch.linspace(0, 1, picture.numel()).view_as(picture)).sum().backward()
        return picture.detach(), x.grad

    full, gradient = loss("full")
    cached, same = loss("cached")
    assert gradient.abs().max() > 0
    assert torch.equal(full, cached)
    assert torch.equal(gradient, same)


@pytest.mark.parametrize("negation", ["perp", "dynamic"])
def test_reversible_gradients_see_the_negation_too(engine, negation):
    def loss(kind):
        x = engine.noise(1, seed=6).double().requires_grad_()
        render(engine, COMPOSED, x, sampler="edict", negation=negation, gradient=kind).sum().backward()
        return x.grad

    full, reversible = loss("full"), loss("reversible")
    assert (full - reversible).abs().max() <= 1e-4 * full.abs().max()


def test_a_corrected_walk_cannot_be_undone(engine):
    with pytest.raises(ValueError, match="corrector's random steps cannot be undone"):
        render(engine, "cat", sampler="edict", corrector={"steps": 1}, gradient="reversible")


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_corrector_draws_from_the_genome(engine, sampler):
    x = engine.noise(3, seed=7)
    genomes = engine.genomes(x, COMPOSED, STEPS, GUIDANCE, sampler, corrector={"steps": 2})
    assert len({g.noise_seed for g in genomes}) == 3
    assert genomes[0].corrector == {"steps": 2, "size": 0.1, "start": 0.0, "stop": 1.0}
    once, again = ([*engine.sample(genomes)][-1].x for _ in range(2))
    assert torch.equal(once, again)
    alone = [*engine.sample(genomes[1:2])][-1].x
    assert (alone - once[1:2]).abs().max() <= 1e-4 * once.abs().max()
    other = [*engine.sample([g.replace(noise_seed=g.noise_seed + 1) for g in genomes])][-1].x
    assert (other - once).abs().max() > 0.01
    plain = [*engine.sample(engine.genomes(x, COMPOSED, STEPS, GUIDANCE, sampler))][-1].x
    assert (plain - once).abs().max() > 0.01


def test_ddpm_with_no_noise_is_ddim(engine):
    ddim = render(engine, "cat")
    assert torch.equal(render(engine, "cat", sampler="ddpm", sampler_parameters={"eta": 0.0}), ddim)
    assert (render(engine, "cat", sampler="ddpm") - ddim).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("corrector", "error", "says"),
    [
        ({"steps": 0}, ValueError, "at least 1"),
        ({"steps": 1001}, ValueError, "steps from 1 to 1000"),
        ({"size": 0.0}, ValueError, "0 < size"),
        ({"size": float("nan")}, ValueError, "size"),
        ({"start": 0.5, "stop": 0.5}, ValueError, "start < stop"),
        ({"strength": 1}, ValueError, "no strength"),
        ({"steps": 2.5}, TypeError, "whole number"),
        (4, TypeError, "expected None or a dict"),
    ],
)
def test_bad_correctors_are_refused(engine, corrector, error, says):
    with pytest.raises(error, match=says):
        engine.render(engine.noise(1), "cat", steps=1, corrector=corrector)
