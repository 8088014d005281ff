"""The denoising loop: from genomes to finished latents, one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.check import check_latents
from guidewidgets.engine.guidance.composition import Probe, Row, combine, compose
from guidewidgets.engine.guidance.ensemble import Ensemble, Locks
from guidewidgets.engine.guidance.negation import Track
from guidewidgets.engine.lock import hold, with_parents
from guidewidgets.engine.model.network import Network
from guidewidgets.engine.samplers import adjoint as gradients
from guidewidgets.engine.samplers.base import (
    Constrain,
    Predict,
    Prediction,
    Sampler,
    SampleStep,
    State,
    to_prediction,
)
from guidewidgets.engine.samplers.langevin import Corrected, Corrector
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.engine.samplers.schedule import Stride, make_schedule
from guidewidgets.genome import Genome


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one denoising run needs: how to step, what to ask, what to hold on to."""

    sampler: Sampler
    predict: Predict
    constrain: Constrain | None
    shown: int
    lock: Locks


def prepare(
    network: Network,
    scheduler: Mapping[str, Any],
    genomes: Sequence[Genome],
    partners: Ensemble,
    probe: Callable[[int], Probe] | None = None,
    strides: int | None = None,
) -> tuple[Run, list[Genome]]:
    """The run of genomes that share sampler, steps and size, and the genomes with the locked parents they need.

    Args:
        network: of the model.
        scheduler: config of its scheduler.
        genomes: n of them.
        partners: networks of the other models that their prompts name.
        probe: step from 0 → what is told of every concept; see `compose.Probe`.
        strides: walk in this many longer strides; see `Schedule.coarse`.

    Raises:
        ValueError: the genomes do not fit together.
    """
    first = genomes[0]
    everyone, locks = with_parents(genomes)
    for genome in everyone:
        if _walk(genome) != _walk(first):
            message = "genomes rendered together must share sampler, steps and size (and their corrector)"
            raise ValueError(message)
    schedule = make_schedule(scheduler, first.steps)
    if strides is not None:
        schedule = schedule.coarse(strides)
    compositions = [compose(g.prompt, g.guidance, g.negative, g.negation) for g in everyone]
    total = len(schedule)
    track = Track() if any(c.negation == "dynamic" for c in compositions) else None

    shifted = any(genome.embedding_offset is not None for genome in everyone)

    def moved(images: Tensor, rows: list[Row]) -> list[Tensor | None] | None:
        """What is added to each row's concept; ∅ stays where it is."""
        if not shifted:
            return None
        return [
            None if text == compositions[i].unconditional else everyone[i].embedding_offset
            for i, (_, text) in zip(images.tolist(), rows, strict=True)
        ]

    def predict(x: Tensor, stride: Stride, k: int) -> Prediction:
        def ask(images: Tensor, rows: list[Row]) -> Tensor:
            return partners.ask(network, x, images, rows, stride.t, first.size, moved(images, rows))

        posterior = None
        if track is not None:
            noise = sampler.noise(k)
            posterior = track.at(k, stride, schedule.prediction, noise and noise(x))
        told = None if probe is None else probe(k)
        output = combine(compositions, ask, k / total, posterior, told)
        return to_prediction(output, x, stride, schedule.prediction)

    seeds = [genome.noise_seed for genome in everyone]
    sampler = make_sampler(first.sampler, schedule, first.sampler_parameters, seeds)
    if corrector := Corrector.of(first.corrector):
        sampler = Corrected(sampler, corrector, seeds)
    constrain = (lambda x: hold(x, locks)) if locks else None
    return Run(sampler, predict, constrain, len(genomes), partners.locks(network)), everyone


def _walk(genome: Genome) -> tuple[object, ...]:
    numbers = dict(genome.sampler_parameters), dict(genome.corrector)
    return genome.sampler, *numbers, genome.steps, genome.size


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


def denoise(run: Run, start: State, gradient: str | None = None) -> Iterator[SampleStep]:
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
        with run.lock, torch.set_grad_enabled(gradient == "full"):
            step, state = next(walk)
        if not torch.isfinite(step.x).all():
            where = f"step {step.i} of {total}"
            message = f"the model gave NaN or infinity at {where}: try dtype='float32' or less guidance"
            raise FloatingPointError(message)
        if step.i == total and gradient == "cached":
            sweep = gradients.cached(run.sampler, states, run.predict, run.constrain, run.lock)
            step = replace(step, x=gradients.attach(step.x, start, sweep))
        elif step.i == total and gradient == "reversible":
            sweep = gradients.reversible(run.sampler, state, run.predict, run.lock)
            step = replace(step, x=gradients.attach(step.x, start, sweep))
        # Locked parents came along for their children's sake; nobody asked to see them.
        yield (
            replace(step, x=step.x[: run.shown], denoised=step.denoised[: run.shown])
            if run.constrain
            else step
        )
