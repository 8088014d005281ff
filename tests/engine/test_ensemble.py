"""Concepts by another loaded model: the sum is right, what does not fit is refused by name, nothing loads by itself."""

from __future__ import annotations

import gc
import threading

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.prompt import Prompt, PromptError


def another(folder, seed=9, name="other", **schedule):
    """A pipeline with the same autoencoder and other UNet weights."""
    pipeline = tiny.stable_diffusion(folder, **schedule)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in pipeline.unet.parameters():
            parameter.add_(0.02 * torch.randn(parameter.shape, generator=generator))
    pipeline.register_to_config(_name_or_path=name)
    return pipeline


@pytest.fixture(scope="module")
def other(words):
    return Engine.load(another(words))


def predictions(engine, x, t, text):
    return engine.network.ask(x, torch.arange(len(x)), [text] * len(x), t, (16, 16))


def test_each_concept_is_measured_from_its_own_models_nothing(engine, other):
    x = engine.noise(2, seed=1)
    prompt = Prompt("a cat") & Prompt("a hat", model=other) * 0.5
    ours = engine.render(x, prompt, steps=1, guidance=4.0)

    def update():
        (stride,) = engine.schedule(1).strides
        with torch.no_grad():
            own, cat = (predictions(engine, x, stride.t, text) for text in ("", "a cat"))
            nothing, hat = (predictions(other, x, stride.t, text) for text in ("", "a hat"))
            eps = own + 4.0 * (cat - own) + 2.0 * (hat - nothing)
            clean = (x - stride.now.sigma * eps) / stride.now.alpha
            return engine.decode(stride.then.alpha * clean + stride.then.sigma * eps)

    assert (ours - update()).abs().max() <= 1e-5
    assert (ours - engine.render(x, "a cat AND a hat ::0.5", steps=1, guidance=4.0)).abs().max() > 1e-4


def test_a_model_combined_with_itself_is_itself(engine):
    x = engine.noise(2, seed=2)
    mixed = engine.render(x, Prompt("a cat") & Prompt("a hat", model=engine), steps=3)
    assert (mixed - engine.render(x, "a cat AND a hat", steps=3)).abs().max() <= 1e-5


def test_mixed_batches_and_gradients(engine, other):
    x = engine.noise(3, seed=3)
    prompts = [Prompt("a cat"), Prompt("a hat", model=other), Prompt("a cat") - Prompt("a hat", model=other)]
    together = engine.render(x, prompts, steps=3)
    for i, prompt in enumerate(prompts):
        alone = engine.render(x[i : i + 1], prompt, steps=3)
        assert (together[i : i + 1] - alone).abs().max() <= 1e-4
    results = []
    for kind in ("full", "cached"):
        leaf = x.clone().requires_grad_()
        engine.render(leaf, prompts[2], steps=3, gradient=kind, negation="perp").sum().backward()
        results.append(leaf.grad)
    assert torch.equal(*results)


def test_prompts_write_the_model_down(engine, other):
    prompt = Prompt("a cat") & Prompt("a hat", model=other).at("left") * 2
    text = f"a cat AND a hat @model:{other.id}#{other.revision} ::2 @left"
    assert str(prompt) == text
    assert Prompt.parse(text) == prompt
    assert prompt.models == (other.name,)
    (genome,) = engine.genomes(engine.noise(1), prompt)
    assert genome.settings()["prompt"] == text
    assert genome.hash != engine.genomes(engine.noise(1), "a cat AND a hat ::2 @left")[0].hash


def test_the_same_model_in_another_precision_fits(engine, words):
    half = Engine.load(tiny.stable_diffusion(words), dtype="bfloat16")
    x = engine.noise(1, seed=4)
    mixed = engine.render(x, Prompt("a cat") & Prompt("a hat", model=half), steps=2)
    assert (
        mixed - engine.render(x, "a cat AND a hat", steps=2)
    ).abs().max() <= 0.05  # bf16 keeps three digits


def test_a_prompt_keeps_the_model_it_was_made_with(engine, words):
    prompt = Prompt("a hat", model=Engine.load(another(words, seed=10, name="lent")))
    gc.collect()
    assert torch.isfinite(engine.render(engine.noise(1), prompt, steps=1)).all()


def test_a_model_that_is_not_loaded_is_named(engine, words):
    gone = Engine.load(another(words, seed=11, name="gone"))
    name = gone.name
    del gone
    gc.collect()
    prompt = Prompt.parse(f"a hat @model:{name}")
    with pytest.raises(
        ValueError, match=r"by the model 'gone' \(revision [0-9a-f]{12}\), which is not loaded"
    ):
        engine.render(engine.noise(1), prompt, steps=1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda folder: another(folder, name="misfit", prediction="v_prediction"),
            "predicts 'v_prediction', not 'epsilon'",
        ),
        (lambda folder: another(folder, name="misfit", beta_end=0.02), "other noise levels"),
        (lambda folder: another(folder, name="misfit", num_train_timesteps=500), "500 timesteps, not 1000"),
        (lambda folder: _with_codec(another(folder, name="misfit")), "autoencoder is another"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(engine, words, change, says):
    misfit = Engine.load(change(words))
    with pytest.raises(ValueError, match=says) as caught:
        engine.render(engine.noise(1), Prompt("a hat", model=misfit), steps=1)
    assert misfit.name in str(caught.value)
    assert engine.name in str(caught.value)


def _with_codec(pipeline):
    with torch.no_grad():
        for parameter in pipeline.vae.encoder.parameters():
            parameter.add_(0.01)
    return pipeline


def test_two_engines_that_borrow_from_each_other_do_not_wait_in_a_circle(engine, other):
    failed = []

    def paint(own, foreign):
        try:
            for _ in range(4):
                own.render(own.noise(1), Prompt("a cat") & Prompt("a hat", model=foreign), steps=4)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [
        threading.Thread(target=paint, args=pair, daemon=True) for pair in ((engine, other), (other, engine))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    assert not any(thread.is_alive() for thread in threads)
    assert failed == []


@pytest.mark.parametrize("model", ["nothing", "#", "a#", "#b", "a\n#b", "x" * 300 + "#y"])
def test_names_that_are_none(model):
    with pytest.raises(PromptError, match=r"no model's id#revision"):
        Prompt("a hat", model=model)


def test_things_that_are_no_models():
    with pytest.raises(TypeError, match="expected a loaded model"):
        Prompt("a hat", model=42)
