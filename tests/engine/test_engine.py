"""Steps, composition, previews, and refusals of the engine."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
import torch

from guidewidgets import Prompt
from guidewidgets.engine import Engine
from guidewidgets.engine.model.network import Network
from guidewidgets.engine.samplers.base import Coupling
from guidewidgets.engine.samplers.ddim import DDIM


def test_steps_tell_where_they_are(engine):
    seen = []
    engine.render(engine.noise(2), "a cat", steps=4, on_step=seen.append)
    assert [(s.i, s.total) for s in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(s.x.shape == s.denoised.shape == (2, 4, 8, 8) for s in seen)
    assert [s.sigma for s in seen] == sorted((s.sigma for s in seen), reverse=True)


def test_an_exception_in_on_step_ends_the_rendering(engine):
    seen = []

    def stop(step):
        seen.append(step)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.render(engine.noise(1), "a cat", steps=4, on_step=stop)
    assert len(seen) == 1


def test_composition_is_the_published_sum(engine):
    """ε(∅) + s Σ w (ε(c) - ε(∅)), by hand, one step."""
    x = engine.noise(1, seed=8)
    t = next(engine.sample(engine.genomes(x, "", steps=1)))
    del t
    (stride,) = engine.schedule(1).strides

    def epsilon(text):
        return engine.network.ask(x, torch.tensor([0]), [text], stride.t, engine.size)

    empty = epsilon("")
    total = empty + 3.0 * (
        (epsilon("a fox") - empty) + 0.5 * (epsilon("a beach") - empty) - (epsilon("a house") - empty)
    )
    x0 = (x - stride.now.sigma * total) / stride.now.alpha
    step = next(
        engine.sample(engine.genomes(x, "a fox AND a beach ::0.5 AND NOT a house", steps=1, guidance=3.0))
    )
    # fp32, rows in a batch instead of alone, divided by α_T = 0.07.
    assert (step.denoised - x0).abs().max() < 1e-4


def test_order_of_concepts_cannot_matter(engine):
    x = engine.noise(2, seed=1)
    one = engine.render(x, "a fox AND a beach AND NOT a house", steps=3)
    other = engine.render(x, "a beach AND NOT a house AND a fox", steps=3)
    assert torch.equal(one, other)


def test_one_concept_without_guidance_needs_one_row(engine, monkeypatch):
    rows = []
    ask = engine.network.ask
    monkeypatch.setattr(
        Network,
        "ask",
        lambda self, x, images, texts, *rest: rows.append(texts) or ask(x, images, texts, *rest),
    )
    engine.render(engine.noise(2), "a cat", steps=1, guidance=1.0)
    engine.render(engine.noise(2), "a cat", steps=1, guidance=2.0)
    engine.render(engine.noise(2), "", steps=1, guidance=2.0)
    assert rows == [["a cat"] * 2, ["", "", "a cat", "a cat"], ["", ""]]


def test_mixed_prompts_equal_singles(engine):
    x = engine.noise(3, seed=9)
    prompts = ["a fox", "a beach AND NOT a house", ""]
    together = engine.render(x, prompts, steps=3)
    alone = torch.cat([engine.render(x[i : i + 1], p, steps=3) for i, p in enumerate(prompts)])
    assert (together - alone).abs().max() <= 1e-4


def test_regions_and_step_ranges(engine):
    x = engine.noise(1, seed=9)
    left = engine.render(x, "a fox @left", steps=3)
    assert not torch.equal(left, engine.render(x, "a fox", steps=3))
    never = next(engine.sample(engine.genomes(x, "a fox %0.5-1", steps=4)))
    nothing = next(engine.sample(engine.genomes(x, "", steps=4)))
    assert torch.equal(never.x, nothing.x)


def test_a_branch_is_drawn_per_image(engine):
    genomes = engine.genomes(engine.noise(40), "a fox OR a cat", seed=3)
    drawn = [str(g.prompt) for g in genomes]
    assert set(drawn) == {"a fox", "a cat"}
    assert drawn == [str(g.prompt) for g in engine.genomes(engine.noise(40), "a fox OR a cat", seed=3)]


def test_previews_are_small_pictures(engine):
    step = next(engine.sample(engine.genomes(engine.noise(3), "a cat", steps=2)))
    preview = engine.preview(step.denoised)
    assert preview.dtype == np.uint8
    assert preview.shape == (3, 16, 16, 3)


def test_a_fitted_preview_follows_the_decoder(engine):
    """On a linear autoencoder the least-squares fit is exact, up to the ridge."""
    from guidewidgets.engine.model.preview import fit

    weight = torch.randn(12, 4, 1, 1, generator=torch.Generator().manual_seed(0)) * 0.02

    def decode(z):
        return torch.nn.functional.pixel_shuffle(torch.nn.functional.conv2d(z, weight), 2) + 0.5

    found = fit(decode, 4, 2, torch.device("cpu"))
    z = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    expected = decode(z).clamp(0, 1).mul(255).permute(0, 2, 3, 1).numpy()
    assert np.abs(found(z) - expected).max() <= 2  # 8-bit levels


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda e: e.noise(0), ValueError, "n=0: expected at least 1"),
        (lambda e: e.noise(2.5), TypeError, "n=2.5: expected a whole number"),
        (lambda e: e.noise(1, seed=-1), ValueError, "seed=-1"),
        (lambda e: e.noise(1, size=(15, 16)), ValueError, r"size=\(15, 16\): expected \(width, height\)"),
        (lambda e: e.render(e.noise(1) * float("nan"), "a"), ValueError, r"latents \[0\] hold NaN"),
        (lambda e: e.render(e.noise(1)[0], "a"), ValueError, r"shape \(4, 8, 8\)"),
        (lambda e: e.render("noise", "a"), TypeError, "expected a tensor"),
        (lambda e: e.render(e.noise(1), "a", steps=0), ValueError, "steps=0"),
        (lambda e: e.render(e.noise(1), "a", guidance=float("inf")), ValueError, "guidance=inf"),
        (lambda e: e.render(e.noise(1), "a", guidance="7"), TypeError, "guidance='7': expected a number"),
        (lambda e: e.render(e.noise(1), "a", sampler="plms"), ValueError, "sampler='plms'"),
        (lambda e: e.render(e.noise(1), "a", gradient="magic"), ValueError, "gradient='magic'"),
        (lambda e: e.render(e.noise(1), "a", negation="magic"), ValueError, "negation='magic'"),
        (lambda e: e.render(e.noise(1), "a AND"), ValueError, "line 1, column 6"),
        (lambda e: e.render(e.noise(2), ["a", "b", "c"]), ValueError, "3 prompts for 2 latents"),
        (lambda e: e.render(e.noise(1), "a " * 40), ValueError, "tokens; this model reads 24"),
        (lambda e: e.encode(torch.full((1, 3, 8, 8), 2.0)), ValueError, "expected"),
    ],
)
def test_refusals_name_the_value(engine, call, kind, says):
    with pytest.raises(kind, match=says):
        call(engine)


@pytest.mark.parametrize(
    ("model", "kind", "says"),
    [
        ("no/such/folder", ValueError, "no such folder; expected a folder, an id like"),
        ("/tmp", ValueError, "not a diffusers pipeline"),
        (42, TypeError, "model=42"),
    ],
)
def test_bad_models_are_named(model, kind, says):
    with pytest.raises(kind, match=says):
        Engine.load(model)


def test_a_bad_id_is_named_without_a_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ValueError, match="model='nobody/nothing' cannot be opened"):
        Engine.load("nobody/nothing")


def test_bad_devices_and_dtypes_are_named(pipelines):
    with pytest.raises(ValueError, match="device='tpu'"):
        Engine.load(pipelines["SDXL"], device="tpu")
    with pytest.raises(ValueError, match="dtype='int8': expected one of float64"):
        Engine.load(pipelines["SDXL"], dtype="int8")


def test_unsupported_families_are_named(words):
    pipeline = tiny.stable_diffusion(words)
    pipeline.unet.register_to_config(in_channels=9)
    with pytest.raises(ValueError, match="inpainting"):
        Engine.load(pipeline)


def test_a_folder_round_trip(pipelines, tmp_path):
    pipelines["SD 1 (epsilon)"].save_pretrained(tmp_path / "m", safe_serialization=True)
    live, read = Engine.load(pipelines["SD 1 (epsilon)"]), Engine.load(tmp_path / "m")
    x = live.noise(1)
    assert read.revision == live.revision
    assert torch.equal(live.render(x, "a", steps=2), read.render(x, "a", steps=2))


def test_pickled_weights_are_refused(pipelines, tmp_path):
    pipelines["SD 1 (epsilon)"].save_pretrained(tmp_path / "m", safe_serialization=False)
    with pytest.raises(ValueError, match="cannot be opened"):
        Engine.load(tmp_path / "m")


def test_numbers_that_are_not_finite_are_reported(words):
    pipeline = tiny.stable_diffusion(words)
    engine = Engine.load(pipeline)
    with torch.no_grad():
        pipeline.unet.conv_out.bias.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="the model gave NaN or infinity at step 1 of 3"):
        engine.render(engine.noise(1), "a", steps=3)


def test_a_sampler_whose_numbers_are_not_finite_is_named(engine, monkeypatch):
    monkeypatch.setattr(DDIM, "couplings", lambda *_: (Coupling(0, 0, 0.0, clean=1.0, noise=float("inf")),))
    with pytest.raises(FloatingPointError, match=r"the sampler \(DDIM\) gave NaN or infinity at step 1 of 3"):
        engine.render(engine.noise(1), "a", steps=3)


def test_genomes_of_another_model_are_refused(words, engine):
    other = tiny.stable_diffusion(words)
    with torch.no_grad():
        other.unet.conv_in.weight.add_(1)
    genome = Engine.load(other).genomes(engine.noise(1), Prompt("a"))
    with pytest.raises(ValueError, match="cannot be rendered by"):
        next(engine.sample(genome))


def test_a_safety_checker_is_asked(words):
    """Real pipelines bring a checker; this stands for one that objects to the second picture."""
    pipeline = tiny.stable_diffusion(words)
    engine = Engine.load(pipeline)
    x = engine.noise(2)
    clean = engine.render(x, "a", steps=2)
    pipeline.run_safety_checker = lambda image, device, dtype: (image.mul_(0), [False, True])
    pipeline.safety_checker = object()
    checked = engine.render(x, "a", steps=2)
    assert torch.equal(checked[0], clean[0])
    assert checked[1].abs().max() == 0


def test_engines_of_one_pipeline_share_a_lock(pipelines):
    a, b = (Engine.load(pipelines["SDXL"]) for _ in range(2))
    assert a.lock is b.lock
