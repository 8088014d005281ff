"""Words from pictures: the loss is the model's own, its gradient plain autograd's, and it goes down."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
import torch
from families import FAMILIES, SOME
from PIL import Image

import guidewidgets as gw
from guidewidgets.engine import Engine
from guidewidgets.engine.model import known
from guidewidgets.engine.model.spoken import tables
from guidewidgets.guide import textual_inversion as method


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(known, "_known", {})


@pytest.fixture
def latents(engine):
    return engine.noise(5, seed=8) * 0.5


def test_the_first_update_is_what_plain_autograd_says(engine, latents, monkeypatch):
    """One template, one noise level, all pictures: the loss and its gradient, by the pipeline's own parts."""
    monkeypatch.setattr(method, "TEMPLATES", ("a {}",))
    monkeypatch.setattr(method, "BAND", (0.3, 0.325))  # step 12 of 40
    monkeypatch.setattr(method, "LEVELS", 1)
    monkeypatch.setattr(method, "ROWS", 5)
    run = method.learning(engine, "zorbling", latents, 1, tokens=2, lr=0.1, seed=4)
    first, second = next(run), next(run)

    chance = torch.Generator().manual_seed(4)
    table = tables(engine.network.family)["text_encoder"]
    weights = table.weight.detach()
    v = (
        weights.mean(0) + method.INIT * weights.std(0) * torch.randn(2, 32, generator=chance)
    ).requires_grad_()
    assert torch.equal(first.concept.vectors["text_encoder"], v.detach())
    torch.randint(12, 13, (), generator=chance)
    which = torch.randperm(5, generator=chance)
    epsilon = torch.randn(5, *latents.shape[1:], generator=chance)
    pipe, t = engine.pipeline, engine.schedule(method.GRID).strides[12].t
    ids = pipe.tokenizer("a qq", padding="max_length", max_length=24, return_tensors="pt").input_ids
    spelled = pipe.tokenizer("q", add_special_tokens=False).input_ids
    ids = torch.tensor([[ids[0, 0], ids[0, 1], *spelled, *spelled, *[1] * 20]])
    hooks = table.register_forward_hook(lambda _m, _i, out: torch.cat([out[:, :2], v[None], out[:, 4:]], 1))
    states = pipe.text_encoder(ids)[0]
    hooks.remove()
    bar = pipe.scheduler.alphas_cumprod[int(t)]
    x = bar.sqrt() * latents[which] + (1 - bar).sqrt() * epsilon
    output = pipe.unet(x, t, encoder_hidden_states=states.expand(5, -1, -1)).sample
    loss = (output - epsilon).square().mean() / bar  # an error of v is that of ε over α
    (gradient,) = torch.autograd.grad(loss, v)
    assert first.loss == pytest.approx(loss.item(), rel=1e-4)  # fp32 sums in another order
    # Adam's first step is the gradient's sign times the rate.
    moved = second.concept.vectors["text_encoder"] - v.detach()
    clear = gradient.abs() > gradient.abs().max() * 1e-3
    assert torch.equal(moved.sign()[clear], -gradient.sign()[clear])
    assert moved.abs().max() == pytest.approx(0.1 * weights.std(0).mean().item(), rel=1e-3)


def test_the_first_vector_begins_where_it_is_told_to(engine, latents):
    start = {"text_encoder": torch.full((1, 32), 0.25)}
    told, free = (
        next(method.learning(engine, "zorbling", latents, 1, tokens=2, start=one)).concept
        for one in (start, None)
    )
    assert torch.equal(told.vectors["text_encoder"][:1], start["text_encoder"])
    assert torch.equal(told.vectors["text_encoder"][1:], free.vectors["text_encoder"][1:])


def test_the_loss_goes_down(engine, latents):
    # The same noise, levels and templates, with a word that moves and with one that does not.
    moves, stays = (
        [u.loss for u in method.learning(engine, "zorbling", latents, 40, lr=lr)] for lr in (1.0, 1e-9)
    )
    assert moves[0] == stays[0]
    assert np.mean(moves[-10:]) < np.mean(stays[-10:])


def test_the_same_seed_learns_the_same_and_nothing_is_known_before_it_is_said(engine, latents):
    runs = [list(method.learning(engine, "zorbling", latents, 3, seed=s))[-1].concept for s in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    assert engine.concepts == ()


@pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning")
@pytest.mark.parametrize("name", SOME)
def test_every_family_can_learn(name, tmp_path):
    case = FAMILIES[name]
    engine = Engine.load(case.build(tmp_path))
    before, after = method.learning(engine, "zorbling", engine.noise(2, size=case.small), 1, tokens=1)
    assert np.isfinite(before.loss)
    for encoder, vectors in after.concept.vectors.items():
        assert (vectors - before.concept.vectors[encoder]).abs().max() > 0, encoder


def test_from_pictures_of_any_kind_and_into_a_pipeline_of_diffusers(tmp_path):
    pipeline = tiny.stable_diffusion(tmp_path)
    image = Image.linear_gradient("L").convert("RGB").resize((40, 16))
    image.save(tmp_path / "one.png")
    before = {n: p.clone() for n, p in pipeline.text_encoder.named_parameters()}
    pictures = [tmp_path / "one.png", image, torch.rand(3, 9, 9)]
    concept = gw.learn("zorbling", pictures, model=pipeline, steps=2, tokens=3)
    assert all(torch.equal(p, before[n]) for n, p in pipeline.text_encoder.named_parameters())
    assert all(p.grad is None for p in pipeline.unet.parameters())
    assert Engine.load(pipeline).concepts == (concept,)
    pipeline.load_textual_inversion(str(concept.save(tmp_path / "z.safetensors")))
    assert concept.vectors["text_encoder"].shape == (3, 32)
    stack = gw.learn(
        "other", torch.rand(2, 3, 16, 16), model=Engine.load(tiny.stable_diffusion(tmp_path)), steps=1
    )
    assert stack.word == "other"


def test_what_cannot_be_learned_is_refused(engine, latents):
    for arguments, error, said in (
        (("two words", [torch.rand(3, 8, 8)]), ValueError, "expected one word"),
        (("word", []), ValueError, "0 pictures: expected 1 to 256"),
        (("word", 7), TypeError, "pictures=7"),
        (("word", ["nowhere.png"]), ValueError, "no such file"),
    ):
        with pytest.raises(error, match=said):
            gw.learn(*arguments, model=engine)
    for more, said in (({"tokens": 0}, "tokens=0"), ({"lr": -1.0}, "lr=-1"), ({"seed": -1}, "seed=-1")):
        with pytest.raises(ValueError, match=said):
            method.learning(engine, "word", latents, **more)
