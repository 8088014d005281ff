"""DOODL: optimise the initial noise through the whole sampling chain (Wallace et al. 2023, arXiv 2303.13703).

Algorithm 1, with x_T the latent, x_0 the picture and c the loss: repeat m times: x_0 = sample(x_T); g = ∇_{x_T} c(x_0);
x_T ← x_T - λ g; bring x_T back to what noise looks like. Here the gradient is exact with any sampler, so the coupled
latents of EDICT are a choice, not a need.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.guide.presets import Plan, make_plan
from guidewidgets.guide.whiteness import renormalise, whiten
from guidewidgets.prompt import Prompt
from guidewidgets.vision.objective import Loss, Objective


@dataclass(frozen=True, slots=True)
class Step:
    """One state of an optimisation.

    Attributes:
        index: updates made so far; 0 is the unchanged image.
        loss: mean over the images.
        losses: each part of the objective, weighted, mean over the images.
        latent: x_T, (n, C, H, W), float32 or wider.
        image: (n, 3, H, W) in [0, 1].
    """

    index: int
    loss: float
    losses: dict[str, float]
    latent: Tensor
    image: Tensor


def doodl(
    engine: Engine,
    latent: Tensor,
    prompt: str | Prompt,
    objective: Objective,
    steps: int = 50,
    *,
    sampling_steps: int | None = None,
    guidance: float | None = None,
    sampler: str | None = None,
    gradient: str = "cached",
    preset: str | None = None,
    seed: int = 0,
    **changes: Any,
) -> Iterator[Step]:
    """Optimise latents so that their images lose less; yields `steps + 1` states, the last after the last update.

    Args:
        engine: renders.
        latent: x_T, (n, C, H, W) or one (C, H, W); several are optimised side by side, each on its own.
        prompt: the images are of.
        objective: the loss.
        steps: updates m.
        sampling_steps: denoising steps N of each rendering; None is the preset's, or the model's default.
        guidance: guidance scale; None likewise.
        sampler: None likewise.
        gradient: "cached", "reversible" or "full"; see `Engine.render`.
        preset: None is ours (Adam and whiteness); "published:clip", "published:fgvc", "published:aesthetic" and
            "published:personal" are the paper's four applications.
        seed: of the perturbations.
        **changes: of the plan: `optimizer`, `lr`, `momentum`, `clip`, `perturbation`, `whiteness`, `renormalise`.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
        FloatingPointError: a part of the objective became NaN or infinite, or does not depend on the image.
    """
    plan = make_plan(preset, changes)
    updates = check_number("steps", steps, 0)
    x = (latent[None] if latent.ndim == 3 else latent).detach()
    x = x.to(engine.device, torch.promote_types(x.dtype, torch.float32)).clone()
    bound = [(part.name, weight, part.bind(engine.encoder)) for weight, part in objective.parts]
    how: dict[str, Any] = {
        "steps": sampling_steps or plan.sampling_steps,
        "guidance": plan.guidance if guidance is None else guidance,
        "sampler": sampler or plan.sampler,
        "gradient": gradient,
    }
    engine.genomes(x, prompt, how["steps"], how["guidance"], how["sampler"])  # refuses bad arguments at once
    return _iterate(engine, x, prompt, bound, updates, how, plan, seed)


def _iterate(
    engine: Engine,
    x: Tensor,
    prompt: str | Prompt,
    bound: list[tuple[str, float, Loss]],
    updates: int,
    how: dict[str, Any],
    plan: Plan,
    seed: int,
) -> Iterator[Step]:
    with_gradient: dict[str, Any] = how
    without: dict[str, Any] = how | {"gradient": None}
    length = x.flatten(1).norm(dim=1)
    noise = torch.Generator().manual_seed(seed)
    x.requires_grad_()
    update = plan.updater(x)
    for index in range(updates + 1):
        last = index == updates
        with torch.set_grad_enabled(not last):
            images = engine.render(x, prompt, **(without if last else with_gradient))
            terms = {name: weight * loss(images) for name, weight, loss in bound}
            _check(terms, images, index)
            total = torch.stack(list(terms.values())).sum(0)
        shown = {name: value.mean().item() for name, value in terms.items()}
        yield Step(index, total.mean().item(), shown, x.detach().clone(), images.detach())
        if last:
            return
        (g,) = torch.autograd.grad(total.sum(), x)
        with torch.no_grad():
            update(g)
            if plan.perturbation:
                x += plan.perturbation * torch.randn(x.shape, generator=noise).to(x)
            if plan.whiteness:
                x.copy_(whiten(x))
            if plan.renormalise:
                x.copy_(renormalise(x, length))


def _check(terms: dict[str, Tensor], images: Tensor, index: int) -> None:
    for name, value in terms.items():
        if not torch.isfinite(value).all():
            message = f"{name} became {value.detach().sum().item()} at step {index}: the best state before it is kept"
            raise FloatingPointError(message)
        if images.requires_grad and not value.requires_grad:
            message = f"{name} does not depend on the image, so there is nothing to optimise"
            raise FloatingPointError(message)


def best(steps: list[Step]) -> Step:
    """The state of the least loss."""
    return min(steps, key=lambda step: step.loss if math.isfinite(step.loss) else math.inf)
