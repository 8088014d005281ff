"""The denoising loop: from genomes to finished latents, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.anchor import hold, with_parents
from guidewidgets.engine.check import check_latents
from guidewidgets.engine.compose import combine, compose
from guidewidgets.engine.network import Network
from guidewidgets.engine.samplers import Prediction, SampleStep, make_sampler, to_prediction
from guidewidgets.engine.schedule import Stride, make_schedule
from guidewidgets.genome import Genome


def denoise(
    network: Network, scheduler: Mapping[str, Any], genomes: Sequence[Genome], x: Tensor | None = None
) -> Iterator[SampleStep]:
    """Denoise genomes together; see `Engine.sample`.

    Args:
        network: asked once per step.
        scheduler: config of the model's scheduler.
        genomes: n of them, sharing sampler, steps and size.
        x: latents in place of the genomes' own.

    Raises:
        ValueError: the genomes do not fit together, or hold numbers that are not finite.
        FloatingPointError: the network answered with numbers that are not finite.
    """
    first = genomes[0]
    everyone, locks = with_parents(genomes)
    for genome in everyone:
        if (genome.sampler, genome.steps, genome.size) != (first.sampler, first.steps, first.size):
            message = "genomes rendered together must share sampler, steps and size"
            raise ValueError(message)
    latents = torch.stack([genome.latent for genome in genomes]) if x is None else x
    if locks:
        parents = [genome.latent.to(latents) for genome in everyone[len(genomes) :]]
        latents = torch.cat([latents, torch.stack(parents)])
    check_latents(latents, network.latent_shape[0])
    schedule = make_schedule(scheduler, first.steps)
    compositions = [compose(genome.prompt, genome.guidance, genome.negative) for genome in everyone]
    total = len(schedule)

    def predict(x: Tensor, stride: Stride, k: int) -> Prediction:
        def ask(images: Tensor, texts: list[str]) -> Tensor:
            return network.ask(x, images, texts, stride.t, first.size)

        output = combine(compositions, ask, k / total)
        return to_prediction(output, x, stride, schedule.prediction)

    # Sums are never narrower than fp32, nor than the latents or the network.
    wide = torch.promote_types(torch.promote_types(latents.dtype, network.dtype), torch.float32)
    walk = make_sampler(first.sampler, schedule).iterate(
        latents.to(network.device, wide), predict, (lambda x: hold(x, locks)) if locks else None
    )
    wants_gradient = torch.is_grad_enabled() and latents.requires_grad
    for _ in range(total):
        # The lock and the gradient mode hold for one step only, never while the caller has the word.
        with network.lock, torch.set_grad_enabled(wants_gradient):
            step = next(walk)
        if not torch.isfinite(step.x).all():
            where = f"step {step.i} of {total}"
            message = f"the model gave NaN or infinity at {where}: try dtype='float32' or less guidance"
            raise FloatingPointError(message)
        # Locked parents came along for their children's sake; nobody asked to see them.
        yield (
            step
            if not locks
            else replace(step, x=step.x[: len(genomes)], denoised=step.denoised[: len(genomes)])
        )
