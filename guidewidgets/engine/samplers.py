"""Deterministic samplers: the base class owns the loop, a sampler says how one step is made.

A step is affine in latent and predicted noise: x_s = α_s x̂_0 + σ_s ε, with x̂_0 and ε from one look of the network.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

from torch import Tensor

from guidewidgets.engine.schedule import Schedule, Stride


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the guided network says about x_t: the noise ε in it and the clean latent x̂_0, both (n, C, H, W)."""

    epsilon: Tensor
    denoised: Tensor


Predict = Callable[[Tensor, Stride, int], Prediction]
"""(x_t, stride, index of the step from 0) → Prediction."""


Constrain = Callable[[Tensor], Tensor]
"""Latents of all images (n, C, H, W) → latents that hold to what was locked."""


@dataclass(frozen=True, slots=True)
class SampleStep:
    """State after one step of sampling.

    Attributes:
        i: steps done, 1 to `total`.
        total: steps in all.
        sigma: noise-to-signal ratio σ/α at which the network was asked.
        x: latents after the step, (n, C, H, W).
        denoised: the network's present guess of the finished latents x̂_0, (n, C, H, W).
    """

    i: int
    total: int
    sigma: float
    x: Tensor
    denoised: Tensor


class Sampler(ABC):
    """A deterministic way from noise to a finished latent."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    @final
    def iterate(
        self, x: Tensor, predict: Predict, constrain: Constrain | None = None
    ) -> Iterator[SampleStep]:
        """Walk from the noise `x` (n, C, H, W) to the finished latents, yielding after every step.

        `constrain` is applied to the latents, and to the guess of the finished ones, after every step.
        """
        total = len(self.schedule)
        for k, stride in enumerate(self.schedule.strides):
            x, prediction = self.step(x, stride, k, predict)
            denoised = prediction.denoised
            if constrain is not None:
                x, denoised = constrain(x), constrain(denoised)
            yield SampleStep(k + 1, total, stride.now.noise_to_signal, x, denoised)

    @abstractmethod
    def step(self, x: Tensor, stride: Stride, k: int, predict: Predict) -> tuple[Tensor, Prediction]:
        """One step from `stride.now` to `stride.then`."""


@final
class DDIM(Sampler):
    """DDIM with η = 0 (Song et al. 2021, eq. 12)."""

    def step(self, x: Tensor, stride: Stride, k: int, predict: Predict) -> tuple[Tensor, Prediction]:
        """x_s = α_s x̂_0 + σ_s ε."""
        prediction = predict(x, stride, k)
        return stride.then.alpha * prediction.denoised + stride.then.sigma * prediction.epsilon, prediction


SAMPLERS: dict[str, type[Sampler]] = {"ddim": DDIM}


def make_sampler(name: str, schedule: Schedule) -> Sampler:
    """Sampler by name.

    Raises:
        ValueError: no such sampler.
    """
    if name not in SAMPLERS:
        message = f"sampler={name!r}: expected one of {', '.join(sorted(SAMPLERS))}"
        raise ValueError(message)
    return SAMPLERS[name](schedule)


def to_prediction(output: Tensor, x: Tensor, stride: Stride, kind: str) -> Prediction:
    """Turn what the network predicts at x_t into ε and x̂_0.

    Args:
        output: (n, C, H, W), the network's (guided) answer, in the dtype of `x`.
        x: x_t, (n, C, H, W).
        stride: where x_t lies on the schedule.
        kind: "epsilon", "v_prediction" (Salimans & Ho 2022, arXiv 2202.00512: v = α ε - σ x_0) or "sample".
    """
    alpha, sigma = stride.now.alpha, stride.now.sigma
    if kind == "epsilon":
        return Prediction(output, (x - sigma * output) / alpha)
    if kind == "v_prediction":
        return Prediction(alpha * output + sigma * x, alpha * x - sigma * output)
    return Prediction((x - alpha * output) / sigma, output)
