"""Samplers as sequences of affine couplings, deterministic or with noise on the way.

A sampler carries one latent (DDIM) or two (EDICT, BDIA, O-BELM). Each step is a few couplings of the form

    target ← keep · target + clean · x̂_0(source) + noise · ε(source) + past · before + mix · source + kick

with one network evaluation at the source, or none, and perhaps random noise (`langevin.py`). `before` is the x̂_0 of the
step before, which multistep samplers carry along. Where source and target differ and there is no noise, a coupling can
be undone exactly, and its derivative needs only the source: everything that inversion and gradients need follows from
the coefficients.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import final

from torch import Tensor

from guidewidgets.engine.samplers.schedule import Schedule, Stride

State = tuple[Tensor, ...]
"""One or two members, each (n, C, H, W); the first is the picture, the second another latent or a memory."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The guided prediction at x_t: the noise ε in it and the clean latent x̂_0, both (n, C, H, W)."""

    epsilon: Tensor
    denoised: Tensor


Predict = Callable[[Tensor, Stride, int], Prediction]
"""(x_t, stride, index of the step from 0) → Prediction."""

Constrain = Callable[[int, Sequence[Tensor]], tuple[Tensor, ...]]
"""(index of the step from 0, what stands after it: members of the state, and the guess of the finished latents or not,
each (n, C, H, W)) → the same, held to what is locked."""


@dataclass(frozen=True, slots=True)
class SampleStep:
    """State after one step of sampling.

    Attributes:
        i: steps done, 1 to `total`.
        total: steps in all.
        sigma: noise-to-signal ratio σ/α at which the network was evaluated.
        x: latents after the step, (n, C, H, W).
        denoised: the network's present guess of the finished latents x̂_0, (n, C, H, W).
        partner: the other latents of a sampler that carries two, (n, C, H, W), after the last step; else None.
    """

    i: int
    total: int
    sigma: float
    x: Tensor
    denoised: Tensor
    partner: Tensor | None = None


Kick = Callable[[Tensor], Tensor]
"""Latents (n, C, H, W) → noise of their shape, the same at every call."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """One affine step: target ← keep · target + clean · x̂_0 + noise · ε + past · before + mix · source + kick.

    Attributes:
        target: index into the state of the latent that is changed; 0 where there is one latent.
        source: index of the latent that the network is evaluated at, or that is mixed in.
        keep: what stays of the target; 0 where it is the source too.
        clean: of x̂_0, the guess of the finished latent.
        noise: of ε, the predicted noise.
        mix: of the source itself; where it is not 0 the network is not evaluated.
        kick: adds random noise, or None.
        past: of the last member, where the x̂_0 of the step before is kept.
        remember: x̂_0 is kept there for the next step.
        ahead: the network is evaluated at the noise level where the step ends, not where it begins.
    """

    target: int
    source: int
    keep: float
    clean: float = 0.0
    noise: float = 0.0
    mix: float = 0.0
    kick: Kick | None = None
    past: float = 0.0
    remember: bool = False
    ahead: bool = False

    @property
    def evaluates(self) -> bool:
        """Whether the network is evaluated; also where the coefficients happen to be zero, as in a last step."""
        return self.mix == 0.0

    def drive(
        self, source: Tensor, stride: Stride, k: int, predict: Predict
    ) -> tuple[Tensor, Prediction | None]:
        """What the source (n, C, H, W) adds to the target, of its shape, and the prediction that it rests on.

        Args:
            source: the latent that the network is evaluated at.
            stride: of the step.
            k: the step, from 0.
            predict: see `Predict`.

        Returns:
            The summand, and None where the network is not evaluated.
        """
        if not self.evaluates:
            return self.mix * source, None
        prediction = predict(source, stride, k)
        added = self.clean * prediction.denoised + self.noise * prediction.epsilon
        return added if self.kick is None else added + self.kick(added), prediction


class Sampler(ABC):
    """A walk from noise to a finished latent; subclasses give the couplings of each step.

    Attributes:
        members: carried from step to step, 1 or 2.
        pairs: the second member is a latent as good as the first, so that pairs of latents can start the walk.
    """

    members = 2
    pairs = True

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    @abstractmethod
    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """The couplings of step k (from 0), in order."""

    def noise(self, k: int) -> Kick | None:
        """The random part of step k; None where it has none."""
        del k

    @abstractmethod
    def newest(self, k: int) -> int:
        """The member that stands at the noise level where step k begins."""

    @abstractmethod
    def restart(self, k: int) -> tuple[Coupling, ...]:
        """The couplings of step k where the newest member was corrected and the other is stale."""

    @abstractmethod
    def amplification(self) -> float:
        """By how much undoing the whole walk magnifies rounding; infinite where it cannot be undone."""

    @final
    def start(self, x: Tensor) -> State:
        """The state at the noise `x` (n, C, H, W): all members equal."""
        return (x,) * self.members

    @final
    def step(self, state: State, k: int, predict: Predict) -> tuple[State, Prediction]:
        """The state after step k, from 0, and the last prediction made in it."""
        members = list(state)
        last: Prediction | None = None
        for coupling in self.couplings(k):
            stride = self.schedule.ahead(k) if coupling.ahead else self.schedule.strides[k]
            added, prediction = coupling.drive(members[coupling.source], stride, k, predict)
            if coupling.past:
                added = added + coupling.past * members[-1]
            kept = members[coupling.target]
            members[coupling.target] = added if coupling.keep == 0.0 else coupling.keep * kept + added
            if coupling.remember and prediction is not None:
                members[-1] = prediction.denoised
            last = prediction or last
        assert last is not None  # noqa: S101 - every step evaluates the network
        return tuple(members), last

    @final
    def undo(self, state: State, k: int, predict: Predict) -> State:
        """The state before step k, exactly up to rounding × `amplification`."""
        members = list(state)
        for coupling in reversed(self.couplings(k)):
            added, _ = coupling.drive(members[coupling.source], self.schedule.strides[k], k, predict)
            members[coupling.target] = (
                # Only a first step forgets its target, and that was a copy of the source.
                members[coupling.source]
                if coupling.keep == 0.0
                else (members[coupling.target] - added) / coupling.keep
            )
        return tuple(members)

    @final
    def iterate(
        self, state: State, predict: Predict, constrain: Constrain | None = None
    ) -> Generator[tuple[SampleStep, State]]:
        """Walk from the noise to the finished latents, yielding the step and the state after every one.

        `constrain` is applied to all latents, and to the guess of the finished ones, after every step.
        """
        total = len(self.schedule)
        for k, stride in enumerate(self.schedule.strides):
            state, prediction = self.step(state, k, predict)
            denoised = prediction.denoised
            if constrain is not None:
                *held, denoised = constrain(k, (*state, denoised))
                state = tuple(held)
            yield SampleStep(k + 1, total, stride.now.noise_to_signal, state[0], denoised), state


def to_prediction(output: Tensor, x: Tensor, stride: Stride, kind: str) -> Prediction:
    """Convert the network's prediction at x_t into ε and x̂_0.

    Args:
        output: (n, C, H, W), the network's (guided) answer, in the dtype of `x`.
        x: x_t, (n, C, H, W).
        stride: where x_t lies on the schedule.
        kind: "epsilon", "v_prediction" (Salimans & Ho 2022, arXiv 2202.00512: v = α ε - σ x_0), "sample", or "flow"
            (Liu et al. 2022, arXiv 2209.03003: v = ε - x_0, where α + σ = 1).
    """
    alpha, sigma = stride.now.alpha, stride.now.sigma
    if kind == "epsilon":
        return Prediction(output, (x - sigma * output) / alpha)
    if kind == "v_prediction":
        return Prediction(alpha * output + sigma * x, alpha * x - sigma * output)
    if kind == "flow":
        return Prediction(x + alpha * output, x - sigma * output)
    return Prediction((x - alpha * output) / sigma, output)
