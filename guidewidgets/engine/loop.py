"""The denoising loop: from genomes to finished latents, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine import gradient as gradients
from guidewidgets.engine.anchor import hold, with_parents
from guidewidgets.engine.check import check_latents
from guidewidgets.engine.compose import combine, compose
from guidewidgets.engine.network import Network
from guidewidgets.engine.samplers import (
    Constrain,
    Predict,
    Prediction,
    Sampler,
    SampleStep,
    State,
    to_prediction,
)
from guidewidgets.engine.schedule import Stride, make_schedule
from guidewidgets.engine.steppers import make_sampler
from guidewidgets.genome import Genome


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one denoising run needs: how to step, what to ask, what to hold on to."""

    sampler: Sampler
    predict: Predict
    constrain: Constrain | None
    shown: int


def prepare(
    network: Network, scheduler: Mapping[str, Any], genomes: Sequence[Genome]
) -> tuple[Run, list[Genome]]:
    """The run of genomes that share sampler, steps and size, and the genomes with the locked parents they need.

    Raises:
        ValueError: the genomes do not fit together.
    """
    first = genomes[0]
    everyone, locks = with_parents(genomes)
    for genome in everyone:
        if _walk(genome) != _walk(first):
            message = "genomes rendered together must share sampler, steps and size"
            raise ValueError(message)
    schedule = make_schedule(scheduler, first.steps)
    compositions = [compose(genome.prompt, genome.guidance, genome.negative) for genome in everyone]
    total = len(schedule)

    def predict(x: Tensor, stride: Stride, k: int) -> Prediction:
        def ask(images: Tensor, texts: list[str]) -> Tensor:
            return network.ask(x, images, texts, stride.t, first.size)

        return to_prediction(combine(compositions, ask, k / total), x, stride, schedule.prediction)

    sampler = make_sampler(first.sampler, schedule, first.sampler_parameters)
    constrain = (lambda x: hold(x, locks)) if locks else None
    return Run(sampler, predict, constrain, len(genomes)), everyone


def _walk(genome: Genome) -> tuple[object, ...]:
    return genome.sampler, dict(genome.sampler_parameters), genome.steps, genome.size


def start_state(
    network: Network, run: Run, everyone: Sequence[Genome], x: Tensor | None, gradient: str | None
) -> State:
    """Where the walk begins: the genomes' latents or pairs, or `x` (n, C, H, W) or (2, n, C, H, W) in their place.

    Raises:
        ValueError: numbers that are not finite, or a pair for a sampler that carries one latent.
    """
    members = run.sampler.members
    if x is None:
        rows = [_members(genome, members) for genome in everyone]
        latents = [torch.stack([row[m] for row in rows]) for m in range(members)]
    else:
        if x.ndim == 5 and members == 1:
            message = f"a pair of latents needs a sampler that carries two, not {type(run.sampler).__name__}"
            raise ValueError(message)
        parents = [_members(genome, members) for genome in everyone[run.shown :]]
        latents = [
            torch.cat([x[m] if x.ndim == 5 else x, *(row[m][None].to(x) for row in parents)])
            for m in range(members)
        ]
    for latent in latents:
        check_latents(latent, network.latent_shape[0])
    # Sums are never narrower than fp32, nor than the latents or the network; undoing steps wants fp64 where it exists.
    wide = torch.promote_types(torch.promote_types(latents[0].dtype, network.dtype), torch.float32)
    if gradient == "reversible":
        wide = wide if network.device.type == "mps" else torch.float64
        gradients.check_reversible(run.sampler, wide, run.constrain)
    return tuple(latent.to(network.device, wide) for latent in latents)


def _members(genome: Genome, count: int) -> tuple[Tensor, ...]:
    """The latents a genome starts from; without a pair, coupled samplers start from (x, x)."""
    if genome.pair is None or count == 1:
        return (genome.latent,) * count
    return tuple(genome.pair)


def denoise(network: Network, run: Run, start: State, gradient: str | None = None) -> Iterator[SampleStep]:
    """Walk from `start`, yielding after every step; see `Engine.sample`.

    Raises:
        FloatingPointError: the network answered with numbers that are not finite.
    """
    total = len(run.sampler.schedule)
    states: list[State] = []
    state = start if gradient == "full" else tuple(x.detach() for x in start)
    walk = run.sampler.iterate(state, run.predict, run.constrain)
    for _ in range(total):
        if gradient == "cached":
            states.append(state)
        # The lock and the gradient mode hold for one step only, never while the caller has the word.
        with network.lock, torch.set_grad_enabled(gradient == "full"):
            step, state = next(walk)
        if not torch.isfinite(step.x).all():
            where = f"step {step.i} of {total}"
            message = f"the model gave NaN or infinity at {where}: try dtype='float32' or less guidance"
            raise FloatingPointError(message)
        if step.i == total and gradient == "cached":
            sweep = gradients.cached(run.sampler, states, run.predict, run.constrain, network.lock)
            step = replace(step, x=gradients.attach(step.x, start, sweep))
        elif step.i == total and gradient == "reversible":
            sweep = gradients.reversible(run.sampler, state, run.predict, network.lock)
            step = replace(step, x=gradients.attach(step.x, start, sweep))
        # Locked parents came along for their children's sake; nobody asked to see them.
        yield (
            replace(step, x=step.x[: run.shown], denoised=step.denoised[: run.shown])
            if run.constrain
            else step
        )
