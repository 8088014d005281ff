"""One-step guidance: without a pull it is plain sampling; with one it is the published rule."""

from __future__ import annotations

import pytest
import torch
from diffusers import DDIMScheduler

from guidewidgets.guide import MeanColour, Symmetry, one_step


def test_no_pull_is_plain_sampling(seeing):
    x = seeing.noise(2, seed=1)
    steps = list(one_step(seeing, x, "a cat", Symmetry(), 0.0, sampling_steps=4, guidance=3.0))
    assert [s.index for s in steps] == [1, 2, 3, 4]
    plain = seeing.render(x, "a cat", steps=4, guidance=3.0)
    assert (steps[-1].image - plain).abs().max() < 1e-5  # x̂_0 by way of ε: another rounding


@pytest.mark.parametrize("through", ["unconditional", "guided"])
def test_the_loss_falls_with_the_scale(seeing, through):
    x, objective = seeing.noise(1, seed=3), MeanColour((1, 0, 0))
    after = [
        objective.bind(None)(
            list(one_step(seeing, x, "a cat", objective, scale, sampling_steps=6, through=through))[-1].image
        ).item()
        for scale in (0.0, 20.0, 200.0)
    ]
    assert after[2] < after[1] < after[0]


def test_it_is_the_published_rule(seeing):
    """The community pipeline's arithmetic with diffusers' own DDIM scheduler, step by step, as an oracle."""
    pipe, scale, n = seeing.pipeline, 50.0, 4
    scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    scheduler.set_timesteps(n)
    loss = MeanColour((0.9, 0.1, 0.5)).bind(None)

    def ask(latents, text, t):
        states = pipe.encode_prompt(text, "cpu", 1, False)[0]
        return pipe.unet(latents, t, encoder_hidden_states=states.expand(len(latents), -1, -1)).sample

    x = seeing.noise(1, seed=5)
    for t in scheduler.timesteps:
        abar = scheduler.alphas_cumprod[t]
        sigma = (1 - abar).sqrt()
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            unconditional = ask(leaf, "", t)
            guess = (leaf - sigma * unconditional) / abar.sqrt()
            sample = guess * sigma + leaf * (1 - sigma)
            image = (pipe.vae.decode(sample / pipe.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
            (g,) = torch.autograd.grad(-scale * loss(image).sum(), leaf)
        with torch.no_grad():
            eps = ask(x, "", t) + 3.0 * (ask(x, "a cat", t) - ask(x, "", t))
            x = scheduler.step(eps - sigma * g, t, x, eta=0.0).prev_sample
    objective = MeanColour((0.9, 0.1, 0.5))
    ours = list(
        one_step(seeing, seeing.noise(1, seed=5), "a cat", objective, scale, sampling_steps=n, guidance=3.0)
    )
    assert (ours[-1].latent - x).norm() / x.norm() < 1e-4


def test_it_says_how_the_guess_is_doing(seeing):
    steps = list(
        one_step(seeing, seeing.noise(1), "a cat", 2 * Symmetry() + MeanColour((0, 0, 0)), sampling_steps=3)
    )
    assert all(list(s.losses) == ["Symmetry", "MeanColour(0, 0, 0)"] for s in steps)
    assert all(s.loss == pytest.approx(sum(s.losses.values())) for s in steps)
    assert all(s.image.shape == (1, 3, 16, 16) for s in steps)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"scale": -1.0}, "scale=-1.0"),
        ({"through": "magic"}, "through='magic'"),
        ({"sampling_steps": 0}, "steps=0"),
    ],
)
def test_refusals(seeing, kwargs, says):
    with pytest.raises(ValueError, match=says):
        one_step(seeing, seeing.noise(1), "a cat", Symmetry(), **kwargs)
