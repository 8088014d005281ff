"""Every family on a transformer paints what its own pipeline paints, and its gradients are exact."""

from __future__ import annotations

import itertools
from typing import Any

import diffusers
import pytest
import tiny_transformers
import torch
from diffusers.schedulers import scheduling_scm
from families import FAMILIES, PROMPT
from mixed import mixed

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.ddim import STREAM
from guidewidgets.engine.samplers.noise import kick

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*seems to be guidance-distilled:UserWarning"),
    pytest.mark.filterwarnings("ignore:size .* is far from this model's own:UserWarning"),
    pytest.mark.filterwarnings(
        "ignore:`FluxPosEmbed` is deprecated:FutureWarning"
    ),  # diffusers of its own Chroma
    pytest.mark.filterwarnings("ignore:.*such models have no unconditional side:UserWarning"),
]
# fp32 through seven steps of a network with large weights, and the autoencoder.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def made(words):
    """Pipelines by name, built when first asked for."""
    kept: dict[str, Any] = {}

    def make(name: str) -> Any:
        if name not in kept:
            kept[name] = FAMILIES[name].build(words)
            kept[name].set_progress_bar_config(disable=True)
        return kept[name]

    return make


@pytest.mark.parametrize(
    ("name", "way", "steps"),
    [(name, way, steps) for name, case in FAMILIES.items() for way, steps in mixed([*case.ways], case.steps)],
)
def test_same_pixels(made, monkeypatch, name, way, steps):
    pipeline, case = made(name), FAMILIES[name]
    engine = Engine.load(pipeline)
    for size in case.sizes:
        x = engine.noise(2, seed=steps, size=size)
        seeds = [genome.noise_seed for genome in engine.genomes(x, PROMPT, steps)]
        drawn = itertools.count()
        monkeypatch.setattr(  # Sana-Sprint's noise on the way is the engine's
            scheduling_scm,
            "randn_tensor",
            lambda shape, drawn=drawn, seeds=seeds, **_: kick(
                seeds, (STREAM, next(drawn)), 1.0, torch.zeros(shape)
            ),
        )
        ours, theirs = case.ours(engine, x, steps, way), case.theirs(pipeline, x, steps, way, size)
        assert ours.shape == theirs.shape == (2, 3, size[1], size[0])
        assert theirs.std() > 0.01  # a grey picture would agree with anything
        assert (ours - theirs).abs().max() <= TOLERANCE


@pytest.mark.parametrize("name", FAMILIES)
def test_the_text_counts(made, name):
    engine = Engine.load(made(name))
    x = engine.noise(1, seed=1, size=FAMILIES[name].small)
    first, other = (engine.render(x, text, steps=2, guidance=1.0) for text in (PROMPT, "the beach"))
    assert (first - other).abs().max() > 100 * TOLERANCE


@pytest.mark.parametrize("name", FAMILIES)
def test_cached_gradient_is_autograds_own(made, name):
    engine = Engine.load(made(name))
    found = []
    for gradient in ("cached", "full"):
        x = engine.noise(2, seed=1, size=FAMILIES[name].small).requires_grad_()
        images = engine.render(x, "a fox AND a hat", steps=3, guidance=1.5, gradient=gradient)
        found.append(torch.autograd.grad(images.mean(), x)[0])
    assert found[0].abs().max() > 0
    assert torch.equal(*found)


@pytest.mark.parametrize("name", FAMILIES)
def test_encoding_undoes_decoding(made, name):
    """Of the numbers between denoiser and autoencoder, which is lossy itself."""
    family = Engine.load(made(name)).network.family
    z = torch.randn(2, *family.latent_shape, generator=torch.Generator().manual_seed(0))[:, :, :8, :8]
    back = family.from_vae(family.to_vae(z))
    assert (back - z).abs().max() < 1e-5


@pytest.fixture(scope="module")
def exact(words):
    """SD3 in double precision."""
    return Engine.load(FAMILIES["SD3"].build(words), dtype="float64")


@pytest.mark.parametrize(("sampler", "steps"), mixed(["edict", "bdia", "obelm"], [5, 8, 50]))
def test_coupled_walks_of_flows_can_be_undone(exact, sampler, steps):
    x = exact.noise(1, seed=1).double()
    run = exact.walk(exact.genomes(x, PROMPT, steps, 3.0, sampler))
    with torch.no_grad():
        state = start = run.start("reversible")
        for k in range(steps):
            state, _ = run.sampler.step(state, k, run.predict)
        assert (state[0] - start[0]).abs().max() > 0.1
        for k in reversed(range(steps)):
            state = run.sampler.undo(state, k, run.predict)
    # Rounding of 2e-16, magnified by p^-100 = 1400 in EDICT, and by how the network's answers differ.
    assert max(float((a - b).abs().max()) for a, b in zip(state, start, strict=True)) < 1e-6


@pytest.mark.parametrize("sampler", ["edict", "bdia", "obelm"])
def test_reversible_gradient_of_flows(exact, sampler):
    found = []
    for gradient in ("reversible", "full"):
        x = exact.noise(1, seed=1).double().requires_grad_()
        images = exact.render(x, PROMPT, 5, 2.0, sampler, gradient=gradient)
        found.append(torch.autograd.grad(images.mean(), x)[0])
    assert torch.allclose(*found, rtol=1e-6, atol=1e-12)


def test_a_picture_comes_back_from_its_noise(exact):
    picture = exact.decode(exact.noise(1, seed=3).double())
    pair = exact.invert(picture, PROMPT, steps=25)
    back = exact.render(pair, PROMPT, guidance=1.0, sampler="edict")
    assert (back - exact.decode(exact.encode(picture))).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["Qwen-Image", "PixArt-α"])
def test_one_step_where_the_pipeline_has_none(made, name):
    engine = Engine.load(made(name))
    assert torch.isfinite(engine.render(engine.noise(1, seed=1, size=(16, 16)), PROMPT, steps=1)).all()


# Guidance was distilled away; with FLUX.1 dev and FLUX.2 dev, which are told it, concepts can still be composed.
DISTILLED = {"FLUX.1 schnell", "FLUX.2 klein", "Sana-Sprint", "LCM"}


@pytest.mark.parametrize("name", FAMILIES)
def test_composing_without_an_unconditional_side_is_doubted(made, name):
    engine = Engine.load(made(name))
    x = engine.noise(1, seed=1, size=FAMILIES[name].small)
    (composed,), (plain,) = (engine.genomes(x, text, 1) for text in ("a fox AND NOT a dog", "a fox"))
    for genome in (composed, plain.replace(negative="a dog")):
        told = [line for line in engine.doubts([genome]) if "AND, NOT" in line]
        assert len(told) == (name in DISTILLED)
        assert all(engine.id in line and line.endswith("the model it was distilled from") for line in told)
    assert not any("AND, NOT" in line for line in engine.doubts([plain]))


def _without(part):
    pipeline = FAMILIES["FLUX.1 schnell"].build
    return lambda words: _changed(pipeline(words), part)


def _changed(pipeline, part):
    setattr(pipeline, part, None)
    return pipeline


def _editor(words):
    """FLUX.1 as its Fill and Control kin are: with the picture's channels beside its own."""
    pipeline = FAMILIES["FLUX.1 dev"].build(words)
    pipeline.transformer.register_to_config(in_channels=32, out_channels=16)
    return pipeline


def _dit(_):
    network = diffusers.DiTTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=4,
        out_channels=8,
        num_layers=1,
        sample_size=8,
    )
    return diffusers.DiTPipeline(network, tiny_transformers.vae(4), tiny_transformers.scheduler())


@pytest.mark.parametrize(
    ("build", "says"),
    [
        pytest.param(_without("text_encoder_2"), "FluxPipeline has no text_encoder_2", id="no T5"),
        pytest.param(_without("vae"), "FluxPipeline has no vae", id="no VAE"),
        pytest.param(
            lambda _: tiny_transformers.sana(diffusers.SCMScheduler()),
            r"SanaPipeline with a SCMScheduler: the scheduler's config \(.*\) has no flow",
            id="Sana by Sprint's scheduler",
        ),
        pytest.param(_editor, "FluxPipeline paints from pictures", id="editor"),
        pytest.param(
            _dit, "DiTPipeline paints with a DiTTransformer2DModel.*expected Stable", id="another family"
        ),
    ],
)
def test_refused_at_load_by_name(words, build, says):
    with pytest.raises(ValueError, match=f"^{says}") as told:
        Engine.load(build(words))
    assert str(told.value).isprintable()
