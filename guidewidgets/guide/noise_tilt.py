"""One-step guidance through the noise of an ancestral walk: NoiseTilt (Hwang et al. 2026, arXiv 2606.18066).

Guidance that moves the mean of a step takes the latents to where the network was never trained. Here the mean stays,
and the noise that the step adds is tilted towards what loses less: from t (now) to s (then), with g the gradient of the
loss and W(g) white noise in its direction (`preconditioning.white`),

    x_s = μ(x_t, x̂_0) + √v z',  z' = √(1 - τ²) z - τ W(g)

so that z' has the power of noise in every block of the spectrum, for any tilt τ from 0, plain sampling, to 1, no chance
left. Of the article its abstract could be read: the mixture of z and W(g) is ours, and that g is taken at x_t, through
the network's guess of the picture. So is that only steps which end with more noise than picture are tilted: they decide
what will be there, and every other step costs what it did. No gain was found in `benchmarks/gradient_study.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.base import Predict, Sampler
from guidewidgets.genome import Genome
from guidewidgets.guide.losses import Losses, check_terms
from guidewidgets.guide.optimisation import Step
from guidewidgets.guide.preconditioning import white
from guidewidgets.prompt import Prompt
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

TILT = 0.3

Terms = Mapping[str, Tensor]
Look = Callable[[Tensor, int], tuple[Tensor, Terms]]
"""(finished latents or a guess of them (n, C, H, W), step from 0) → images, and the parts of their loss, (n,)."""


def noise_tilt(
    engine: Engine,
    latent: Tensor,
    prompt: str | Prompt,
    objective: Objective,
    tilt: float = TILT,
    *,
    sampling_steps: int | None = None,
    guidance: float | None = None,
) -> Iterator[Step]:
    """Denoise once by "ddpm", its noise tilted towards an objective; yields one state per denoising step.

    The states are those of `one_step`; the losses of the last are of the finished image.

    Args:
        engine: renders.
        latent: x_T, (n, C, H, W) or one (C, H, W); the noise on the way is drawn from its content.
        prompt: the images are of.
        objective: the loss.
        tilt: share τ of the gradient in each step's noise, in [0, 1]; 0 is plain sampling by "ddpm".
        sampling_steps: None is the model's default.
        guidance: guidance scale; None likewise.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
        FloatingPointError: while iterating: a part of the objective became NaN, or does not depend on the image.
    """
    x = (latent[None] if latent.ndim == 3 else latent).detach()
    genomes = engine.genomes(x, prompt, sampling_steps, guidance, "ddpm")
    return tilted(engine, genomes, Losses(objective, encoder_of(engine)), tilt)


def tilted(engine: Engine, genomes: Sequence[Genome], losses: Losses, tilt: float) -> Iterator[Step]:
    """Denoise genomes of the sampler "ddpm" once; see `noise_tilt`."""
    check_tilt(tilt)
    check_noise(genomes[0])
    for prompt in {genome.prompt for genome in genomes}:
        engine.check_prompt(prompt)
    run = engine.walk(genomes)
    if run.constrain is not None:
        raise ValueError("method 'noise_tilt': a lock would undo the tilt; expected a candidate without one")
    (x,) = run.start()

    def look(z: Tensor, k: int) -> tuple[Tensor, Terms]:
        images = engine.decode(z)
        terms = losses.terms(images, k)
        check_terms(terms, images, k)
        return images, terms

    return _steps(walk(run.sampler, run.predict, x, look, losses.total, tilt, run.lock), losses)


def check_tilt(tilt: float) -> None:
    """Refuse what is no share. ValueError, TypeError: the message names it."""
    check_number("tilt", tilt, 0.0, 1.0)


def check_noise(genome: Genome) -> None:
    """Refuse a walk that adds no noise in its steps, or more than one kind of it. ValueError: the message says why."""
    how, eta = f"method 'noise_tilt': sampler={genome.sampler!r}", genome.sampler_parameters.get("eta", 1.0)
    if genome.sampler != "ddpm" or not eta:
        with_eta = " with eta=0" if genome.sampler == "ddpm" else ""
        raise ValueError(f"{how}{with_eta} adds no noise to tilt; expected 'ddpm'")
    if genome.corrector:
        raise ValueError(f"{how} has a corrector, whose noise is not tilted; expected a walk without one")


def _steps(states: Iterator[tuple[Tensor, Tensor, Terms]], losses: Losses) -> Iterator[Step]:
    for k, (x, images, terms) in enumerate(states):
        shown = {name: losses.shown(name) * value.mean().item() for name, value in terms.items()}
        yield Step(k + 1, sum(shown.values()), shown, x.clone(), images)


def walk(
    sampler: Sampler,
    predict: Predict,
    x: Tensor,
    look: Look,
    total: Callable[[Terms], Tensor],
    tilt: float,
    lock: AbstractContextManager[object],
) -> Iterator[tuple[Tensor, Tensor, Terms]]:
    """Make the walk: latents x_s, images of the guess (at last the finished ones) and their losses, after each step.

    Args:
        sampler: carries one latent, in one coupling a step.
        predict: the guided prediction.
        x: to start from, (n, C, H, W).
        look: see `Look`.
        total: the parts of a loss → the loss, (n,).
        tilt: see `noise_tilt`.
        lock: of the networks, held for a step at a time.
    """
    for k, stride in enumerate(sampler.schedule.strides):
        (step,) = sampler.couplings(k)
        with lock, torch.no_grad():
            if step.kick is None or stride.then.sigma <= stride.then.alpha:
                (x,), said = sampler.step((x,), k, predict)
                images, terms = look(x if k == len(sampler.schedule) - 1 else said.denoised, k)
            else:
                with torch.enable_grad():
                    leaf = x.detach().requires_grad_()
                    said = predict(leaf, stride, k)
                    images, terms = look(said.denoised, k)
                    (g,) = torch.autograd.grad(total(terms).sum(), leaf)
                mean = step.clean * said.denoised.detach() + step.noise * said.epsilon.detach()
                root = math.sqrt(stride.then.sigma**2 - step.noise**2)
                x = mean + root * tilted_noise(step.kick(mean) / root, g, tilt)
        yield x, images.detach(), {name: value.detach() for name, value in terms.items()}


def tilted_noise(z: Tensor, g: Tensor, tilt: float) -> Tensor:
    """√(1 - τ²) z - τ W(g), all (n, C, H, W); z itself for an image whose gradient is 0."""
    tau = tilt * g.flatten(1).any(1).to(z)[:, None, None, None]
    return (1 - tau**2).sqrt() * z - tau * white(g).to(z)
