"""DOODL: optimise the initial noise through the whole sampling chain (Wallace et al. 2023, arXiv 2303.13703).

Algorithm 1, with x_T the latent, x_0 the picture and c the loss: repeat m times: x_0 = sample(x_T); g = ∇_{x_T} c(x_0);
x_T ← x_T - λ g; bring x_T back to what noise looks like. Here the gradient is exact with any sampler, so the coupled
latents of EDICT are a choice, not a need. The loop stands in `optimisation.py`.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.guide.losses import Losses
from guidewidgets.guide.optimisation import Optimisation, Step, best
from guidewidgets.guide.presets import check_preset, make_plan
from guidewidgets.prompt import Prompt
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

__all__ = ["Step", "best", "doodl", "start"]


def doodl(
    engine: Engine,
    latent: Tensor | LatentPair,
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
    watch: Objective | None = None,
    **changes: Any,
) -> Optimisation:
    """Optimise latents so that their images lose less; yields `steps + 1` states, the last after the last update.

    Args:
        engine: renders.
        latent: x_T, (n, C, H, W) or one (C, H, W); several are optimised side by side, each on its own. Pairs that
            `Engine.invert` made of real images are edited: they keep their sampler and steps, and the two latents of
            a pair move each on their own.
        prompt: the images are of.
        objective: the loss.
        steps: updates m.
        sampling_steps: denoising steps N of each rendering; None is the preset's, or the model's default.
        guidance: guidance scale; None likewise.
        sampler: None likewise.
        gradient: "cached", "reversible" or "full"; see `Engine.render`.
        preset: None is ours (Adam and whiteness); "published:clip", "published:fgvc", "published:aesthetic" and
            "published:personal" are the paper's four applications.
        seed: of the perturbations and probes.
        watch: an objective that is looked at and never followed: `Optimisation.best` is then its best step.
        **changes: of the plan: `optimizer`, `lr`, `momentum`, `clip`, `precondition`, `perturbation`, `whiteness`,
            `renormalise`, `average`, `probes`, `smoothing`.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
        FloatingPointError: while iterating: a part of the objective became NaN or infinite, or does not depend on the
            image.
    """
    losses = Losses(objective, encoder_of(engine), watch)
    how = {"sampling_steps": sampling_steps, "guidance": guidance, "sampler": sampler}
    return start(engine, latent, prompt, losses, steps, how, gradient, preset, seed, changes)


def start(
    engine: Engine,
    latent: Tensor | LatentPair,
    prompt: str | Prompt,
    losses: Losses,
    steps: int,
    how: dict[str, Any],
    gradient: str,
    preset: str | None,
    seed: int,
    changes: dict[str, Any],
) -> Optimisation:
    """An optimisation of latents (n, C, H, W), one latent (C, H, W) or pairs under a prompt; see `doodl`."""
    check_preset(preset, engine)
    plan = make_plan(preset, changes | {name: value for name, value in how.items() if value is not None})
    if isinstance(latent, LatentPair):
        x, guidance = latent.latents, latent.guidance if how["guidance"] is None else how["guidance"]
        genomes = engine.genomes(
            latent,
            prompt,
            latent.steps,
            guidance,
            latent.sampler,
            sampler_parameters=latent.sampler_parameters,
        )
    else:
        x = latent[None] if latent.ndim == 3 else latent
        genomes = engine.genomes(x, prompt, plan.sampling_steps, plan.guidance, plan.sampler)
    for resolved in {genome.prompt for genome in genomes}:
        engine.check_prompt(resolved)
    return Optimisation(engine, genomes, x, losses, steps, plan, gradient, seed)
