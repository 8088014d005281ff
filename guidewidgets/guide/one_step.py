"""One-step classifier guidance, the baseline of DOODL and SGOOL (Dhariwal & Nichol 2021; diffusers' CLIP guidance).

At each step of one denoising walk, the gradient of the loss on the *guess* of the picture is added to the noise:

    ε̂ = ε + scale · σ_t · ∇_{x_t} loss(decode(m)),  m = σ_t x̂_0 + (1 - σ_t) x_t

It is cheap, one walk with one derivative a step, and inexact: what it differentiates is a blurred guess, so early steps
follow a picture that will not be. That is the point of the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.engine.loop import Run
from guidewidgets.engine.samplers.base import Predict, Prediction
from guidewidgets.engine.samplers.schedule import Stride
from guidewidgets.genome import Genome
from guidewidgets.guide.losses import Losses, check_terms
from guidewidgets.guide.optimisation import Step
from guidewidgets.prompt import Prompt
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

THROUGH = ("unconditional", "guided")


def one_step(
    engine: Engine,
    latent: Tensor,
    prompt: str | Prompt,
    objective: Objective,
    scale: float = 100.0,
    *,
    sampling_steps: int | None = None,
    guidance: float | None = None,
    through: str = "unconditional",
) -> Iterator[Step]:
    """Denoise once, pulled by an objective; yields one state per denoising step.

    The index of a state counts denoising steps from 1, its latent is x_t after the step, its image the picture guessed
    there, and its losses are of the guess the step was pulled by. The last image is the finished one.

    Args:
        engine: renders.
        latent: x_T, (n, C, H, W) or one (C, H, W).
        prompt: the images are of.
        objective: the loss.
        scale: of the gradient, ≥ 0; 100 is the usual one, 0 plain sampling.
        sampling_steps: None is the model's default.
        guidance: guidance scale; None likewise.
        through: whose guess is differentiated: the network's without text ("unconditional", as published), or with
            guidance ("guided").

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
        FloatingPointError: while iterating: a part of the objective became NaN, or does not depend on the image.
    """
    x = (latent[None] if latent.ndim == 3 else latent).detach()
    genomes = engine.genomes(x, prompt, sampling_steps, guidance, "ddim")
    return pull(engine, genomes, Losses(objective, encoder_of(engine)), scale, through)


def pull(
    engine: Engine, genomes: Sequence[Genome], losses: Losses, scale: float, through: str = THROUGH[0]
) -> Iterator[Step]:
    """Denoise genomes once, pulled by losses; see `one_step`."""
    check_number("scale", scale, 0.0)
    check_through(engine, through)
    for prompt in {genome.prompt for genome in genomes}:
        engine.check_prompt(prompt)
    run = engine.walk(genomes)
    guess = run.predict
    if through == "unconditional":
        silent = [genome.replace(prompt=Prompt.parse(""), guidance=1.0, negative=None) for genome in genomes]
        guess = engine.walk(silent).predict
    if run.constrain is not None:
        raise ValueError("method 'one_step': a lock would undo the pull; expected a candidate without one")
    return _walk(engine, run, run.start(), _Pull(engine, losses, guess, run.predict, scale))


def check_through(engine: Engine, through: str = THROUGH[0]) -> None:
    """Refuse a guess that there is not, or that a model was not made to give.

    Raises:
        ValueError: the message names it.
    """
    if through not in THROUGH:
        raise ValueError(f"through={through!r}: expected one of {', '.join(THROUGH)}")
    if through == "unconditional" and (sign := engine.distilled):
        raise ValueError(
            f"one_step is pulled by the guess without text, which {engine.id} was not made for: it seems to be "
            f"distilled ({sign}); expected through='guided', or doodl, whose gradient holds for any model"
        )


def _walk(engine: Engine, run: Run, state: tuple[Tensor, ...], pull: _Pull) -> Iterator[Step]:
    total = len(run.sampler.schedule)
    for k in range(total):
        with run.lock, torch.no_grad():
            state, said = run.sampler.step(state, k, pull)
            images = engine.decode(state[0] if k == total - 1 else said.denoised)
        shown = {name: pull.losses.shown(name) * value.mean().item() for name, value in pull.terms.items()}
        yield Step(k + 1, sum(shown.values()), shown, state[0].clone(), images)


class _Pull:
    """A prediction pulled by the losses, in place of the plain one."""

    def __init__(
        self, engine: Engine, losses: Losses, guess: Predict, predict: Predict, scale: float
    ) -> None:
        self.losses = losses
        self.terms: dict[str, Tensor] = {}
        self._engine, self._guess, self._predict, self._scale = engine, guess, predict, scale

    def __call__(self, x: Tensor, stride: Stride, k: int) -> Prediction:
        alpha, sigma = stride.now.alpha, stride.now.sigma
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            mixed = sigma * self._guess(leaf, stride, k).denoised + (1 - sigma) * leaf
            images = self._engine.decode(mixed)
            terms = self.losses.terms(images, k)
            check_terms(terms, images, k)
            (g,) = torch.autograd.grad(self.losses.total(terms).sum(), leaf)
        self.terms = {name: value.detach() for name, value in terms.items()}
        plain = self._predict(x, stride, k)
        epsilon = plain.epsilon + self._scale * sigma * g
        # The same noise, taken away from x_t, gives the guess that belongs to it; where α = 0 there is none.
        denoised = plain.denoised if alpha == 0 else (x - sigma * epsilon) / alpha
        return Prediction(epsilon, denoised)
