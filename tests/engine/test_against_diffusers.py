"""The engine paints what diffusers' own pipeline paints: same noise in, same pixels out."""

from __future__ import annotations

import pytest
import tiny
import torch
from mixed import mixed

from guidewidgets.engine import Engine

# fp32 with the sums in another order: the budget of the design, two hundred times what is measured (5e-7).
TOLERANCE = 1e-4


def theirs(pipeline, x, steps, guidance, **kwargs):
    return pipeline(
        "a cat",
        latents=x.clone(),
        num_inference_steps=steps,
        guidance_scale=guidance,
        num_images_per_prompt=len(x),
        output_type="pt",
        **kwargs,
    ).images


@pytest.mark.parametrize(
    ("family", "guidance", "steps"),
    [
        (family, *case)
        for family in ("SD 1 (epsilon)", "SD 2 (v_prediction)", "SDXL")
        for case in mixed([1.0, 5.0, 5.0], [1, 4, 5, 10])
    ],
)
def test_same_pixels(pipelines, family, steps, guidance):
    pipeline = pipelines[family]
    engine = Engine.load(pipeline)
    x = engine.noise(3, seed=steps)
    ours = engine.render(x, "a cat", steps=steps, guidance=guidance)
    expected = theirs(pipeline, x, steps, guidance)
    assert expected.std() > 0.01  # a grey picture would agree with anything
    assert (ours - expected).abs().max() <= TOLERANCE


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("steps", [3, 7, 20])
def test_same_timesteps_for_every_spacing(words, spacing, steps):
    pipeline = tiny.stable_diffusion(words, timestep_spacing=spacing)
    pipeline.set_progress_bar_config(disable=True)
    engine = Engine.load(pipeline)
    x = engine.noise(1, seed=2)
    ours = engine.render(x, "a cat", steps=steps, guidance=3.0)
    assert (ours - theirs(pipeline, x, steps, 3.0)).abs().max() <= TOLERANCE


@pytest.mark.parametrize("family", ["SD 1 (epsilon)", "SDXL"])
def test_negative_prompt_takes_the_place_of_the_empty_concept(pipelines, family):
    pipeline = pipelines[family]
    engine = Engine.load(pipeline)
    x = engine.noise(2, seed=3)
    ours = engine.render(x, "a cat", steps=4, guidance=5.0, negative="dog")
    assert (ours - theirs(pipeline, x, 4, 5.0, negative_prompt="dog")).abs().max() <= TOLERANCE


def test_codec_is_the_pipelines_own(pipelines):
    pipeline = pipelines["SD 1 (epsilon)"]
    engine = Engine.load(pipeline)
    images = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        mode = pipeline.vae.encode(images * 2 - 1).latent_dist.mode() * pipeline.vae.config.scaling_factor
        back = pipeline.vae.decode(mode / pipeline.vae.config.scaling_factor).sample
    z = engine.encode(images)
    assert torch.equal(z, mode)
    assert torch.allclose(engine.decode(z), (back / 2 + 0.5).clamp(0, 1), atol=1e-6)


def test_the_pipelines_scheduler_is_never_stepped(pipelines):
    pipeline = pipelines["SD 1 (epsilon)"]
    before = (pipeline.scheduler.num_inference_steps, dict(pipeline.scheduler.config))
    engine = Engine.load(pipeline)
    engine.render(engine.noise(1), "a", steps=3)
    assert (pipeline.scheduler.num_inference_steps, dict(pipeline.scheduler.config)) == before


@pytest.mark.parametrize("family", ["SD 1 (epsilon)", "SDXL"])
def test_no_guidance_is_what_diffusers_means_by_zero(pipelines, family):
    """As every recipe for Turbo models says it."""
    pipeline = pipelines[family]
    engine = Engine.load(pipeline)
    x = engine.noise(2, seed=6)
    ours = engine.render(x, "a cat", steps=3, guidance=0)
    assert (ours - theirs(pipeline, x, 3, 0.0)).abs().max() <= TOLERANCE
    assert torch.equal(ours, engine.render(x, "a cat", steps=3, guidance=1))


def test_latents_are_spread_as_sdxl_spreads_them(words):
    """Playground v2.5 has a mean and a deviation for each channel."""
    pipeline = tiny.stable_diffusion_xl(words)
    pipeline.set_progress_bar_config(disable=True)
    spread = {"latents_mean": [-1.6, 1.3, -0.2, 0.4], "latents_std": [8.4, 5.9, 2.5, 3.2]}
    pipeline.vae.register_to_config(**spread, scaling_factor=0.5)
    engine = Engine.load(pipeline)
    x = engine.noise(2, seed=7)
    ours = engine.render(x, "a cat", steps=3, guidance=3.0)
    assert (ours - theirs(pipeline, x, 3, 3.0)).abs().max() <= TOLERANCE
    assert torch.allclose(engine.codec.family.from_vae(engine.codec.family.to_vae(x)), x, atol=1e-5)
