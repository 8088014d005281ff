"""The denoising loop: from genomes to finished latents, one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from guidewidgets.engine.check import check_latents
from guidewidgets.engine.families.base import Guidance
from guidewidgets.engine.guidance.composition import Probe, Row, combine, compose
from guidewidgets.engine.guidance.ensemble import Ensemble, Locks
from guidewidgets.engine.guidance.negation import Track
from guidewidgets.engine.lock import Locks as Held
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
from guidewidgets.engine.samplers.schedule import Schedule, Stride
from guidewidgets.genome import Genome


@dataclass(frozen=True, slots=True)
class Run:
    """One prepared walk, made by `Engine.walk`.

    `denoise` makes its steps. Who has to act between them makes them by hand:

        state = run.start()
        for k in range(len(run.sampler.schedule)):
            with run.lock:
                state, prediction = run.sampler.step(state, k, run.predict)

    Attributes:
        sampler: with its schedule.
        predict: the guided prediction at a state.
        constrain: holds what stands after a step to what is locked, or None.
        lock: of all networks that take part; held for one step at a time.
        latents: members of the state to start from, each (n, C, H, W); see `start`.
        network: of the model.
    """

    sampler: Sampler
    predict: Predict
    constrain: Constrain | None
    lock: Locks
    latents: State
    network: Network

    def start(self, gradient: str | None = None) -> State:
        """Where the walk begins: one or two latents (n, C, H, W) on the network's device.

        Sums are never narrower than fp32, nor than the latents or the network; undoing steps wants fp64 where the
        device has it.

        Raises:
            ValueError: `gradient` is "reversible" and the walk cannot be undone accurately enough.
        """
        wide = torch.promote_types(self.latents[0].dtype, self.network.dtype)
        wide = torch.promote_types(wide, torch.float32)
        if gradient == "reversible":
            wide = wide if self.network.device.type == "mps" else torch.float64
            gradients.check_reversible(self.sampler, wide, self.constrain)
        scale = self.sampler.schedule.scale
        members = (latent.to(self.network.device, wide) for latent in self.latents)
        return tuple(x if scale == 1 else scale * x for x in members)


def prepare(
    network: Network,
    schedule: Schedule,
    genomes: Sequence[Genome],
    ensemble: Ensemble,
    held: Held,
    x: Tensor | None = None,
    probe: Callable[[int], Probe] | None = None,
) -> Run:
    """The walk of genomes that share sampler, steps and size; called by `Engine.walk` only.

    Args:
        network: of the model.
        schedule: to be walked.
        genomes: n of them.
        ensemble: networks of the other models that their prompts name.
        held: their locks.
        x: latents in place of the genomes' own, (n, C, H, W) or pairs (2, n, C, H, W).
        probe: step from 0 → callback for every concept's part in it; see `composition.Probe`.

    Raises:
        ValueError: the genomes do not fit together, hold numbers that are not finite, or a pair for a sampler that
            carries one latent.
    """
    first = genomes[0]
    for genome in genomes:
        if genome.walk != first.walk:
            message = "genomes rendered together must share sampler, steps and size (and their corrector)"
            raise ValueError(message)
    family = network.family
    embedded = family.guidance is Guidance.EMBEDDED
    rescale = family.rescale if family.guidance is Guidance.RESCALED else None
    compositions = [
        compose(g.prompt, 1.0 if embedded else g.guidance, g.negative, g.negation, g.concepts)
        for g in genomes
    ]
    total = len(schedule)
    track = Track() if any(c.negation == "dynamic" for c in compositions) else None

    shifted = any(genome.embedding_offset is not None for genome in genomes)

    def moved(images: Tensor, rows: list[Row]) -> list[Tensor | None] | None:
        """What is added to each row's concept; ∅ stays where it is."""
        if not shifted:
            return None
        return [
            None if row.text == compositions[i].unconditional else genomes[i].embedding_offset
            for i, row in zip(images.tolist(), rows, strict=True)
        ]

    def predict(x: Tensor, stride: Stride, k: int) -> Prediction:
        def ask(images: Tensor, rows: list[Row]) -> Tensor:
            told = [genomes[i].guidance for i in images.tolist()] if embedded else None
            return ensemble.ask(network, x, images, rows, stride.t, first.size, moved(images, rows), told)

        posterior = None
        if track is not None:
            noise = sampler.noise(k)
            posterior = track.at(k, stride, schedule.prediction, noise and noise(x))
        listener = None if probe is None else probe(k)
        output = combine(compositions, ask, k / total, posterior, listener, rescale)
        return to_prediction(output, x, stride, schedule.prediction)

    seeds = [genome.noise_seed for genome in genomes]
    sampler = make_sampler(first.sampler, schedule, first.sampler_parameters, seeds)
    if corrector := Corrector.of(first.corrector):
        sampler = Corrected(sampler, corrector, seeds)
    constrain = held.hold if held.locks else None
    latents = _latents(sampler, genomes, x)
    for latent in latents:
        check_latents(latent, network.latent_shape[0])
    return Run(sampler, predict, constrain, ensemble.locks(network), latents, network)


def trajectory(run: Run) -> Iterator[tuple[Tensor, ...]]:
    """What the one image of a run goes through: (members…, guess) after each step, (C, H, W) on the CPU."""
    with torch.no_grad():
        walk = run.sampler.iterate(run.start(), run.predict, run.constrain)
    for _ in range(len(run.sampler.schedule)):
        with run.lock, torch.no_grad():
            step, state = next(walk)
        yield tuple(x[0].cpu() for x in (*state, step.denoised))


def _latents(sampler: Sampler, genomes: Sequence[Genome], x: Tensor | None) -> State:
    """The genomes' latents or pairs, or `x` in their place, as members (n, C, H, W) of a state."""
    members = range(sampler.members)
    if x is None:
        rows = [
            (g.latent,) * len(members) if g.pair is None or not sampler.pairs else tuple(g.pair)
            for g in genomes
        ]
        return tuple(torch.stack([row[m] for row in rows]) for m in members)
    if x.ndim == 5 and not sampler.pairs:
        message = f"a pair of latents needs a sampler that carries two, not {genomes[0].sampler!r}"
        raise ValueError(message)
    return tuple((x[m] if x.ndim == 5 else x).clone() for m in members)


def denoise(run: Run, gradient: str | None = None) -> Iterator[SampleStep]:
    """Make a prepared walk, yielding after every step; see `Engine.sample`.

    Raises:
        ValueError: at once: the walk has no such gradient.
        FloatingPointError: while iterating: the network answered with numbers that are not finite.
    """
    with torch.set_grad_enabled(gradient is not None):
        start = run.start(gradient)
    return _steps(run, start, gradient)


def _steps(run: Run, start: State, gradient: str | None) -> Iterator[SampleStep]:
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
            raise FloatingPointError(_not_finite(run.sampler, step))
        if step.i == total:
            finished = state
            if gradient == "cached":
                sweep = gradients.cached(run.sampler, states, run.predict, run.constrain, run.lock)
                finished = gradients.attach(state, start, sweep)
            elif gradient == "reversible":
                sweep = gradients.reversible(run.sampler, state, run.predict, run.lock)
                finished = gradients.attach(state, start, sweep)
            step = replace(step, x=finished[0], partner=finished[1] if run.sampler.pairs else None)
        yield step


def _not_finite(sampler: Sampler, step: SampleStep) -> str:
    """Says who gave it: where the model's guess is finite, the sampler made it of finite numbers."""
    where = f"gave NaN or infinity at step {step.i} of {step.total}"
    if torch.isfinite(step.denoised).all():
        return f"the sampler ({type(sampler).__name__}) {where}, where the model's guess is finite"
    return f"the model {where}: try dtype='float32' or less guidance"
