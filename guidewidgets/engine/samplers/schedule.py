"""The noise schedule of a model: which timesteps are visited and how much signal is left at each.

Notation follows DDIM (Song et al. 2021, arXiv 2010.02502): x_t = α_t x_0 + σ_t ε with α_t = √ᾱ_t and σ_t = √(1-ᾱ_t).
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from diffusers import DDIMScheduler

from guidewidgets.caution import caution

NO_SIGNAL = 1e-6
PREDICTIONS = ("epsilon", "v_prediction", "sample")


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the schedule: signal scale α, noise scale σ; α² + σ² = 1, or α + σ = 1 for flow matching."""

    alpha: float
    sigma: float

    @classmethod
    def of(cls, alpha_bar: float) -> Point:
        """Point where the share ᾱ of the variance is signal."""
        return cls(math.sqrt(alpha_bar), math.sqrt(1.0 - alpha_bar))

    @property
    def noise_to_signal(self) -> float:
        """σ/α, the sigma of Karras et al. 2022 (arXiv 2206.00364)."""
        return self.sigma / self.alpha if self.alpha else math.inf


@dataclass(frozen=True, slots=True)
class Stride:
    """One step of the walk: the network is evaluated at timestep `t`, and x goes from `now` to `then`."""

    t: float
    now: Point
    then: Point


@dataclass(frozen=True, slots=True)
class Schedule:
    """The strides of one sampling run, noisiest first.

    Attributes:
        strides: one per step.
        prediction: what the network predicts; see `samplers.base.to_prediction`.
        train_steps: timesteps that the model was trained on.
    """

    strides: tuple[Stride, ...]
    prediction: str
    train_steps: int = 1000

    def __len__(self) -> int:
        return len(self.strides)

    def coarse(self, count: int) -> Schedule:
        """The same walk in `count` longer strides, from the same start to the same end.

        Another number of steps would begin elsewhere: with the usual spacing, 4 steps start where a quarter of the
        noise is gone already, so that what they paint tells less about the picture than 4 strides of the real walk.

        Args:
            count: of strides, at least 1; no fewer than there are leaves the walk as it is.
        """
        ends = [round(i * len(self) / count) for i in range(count + 1)] if count < len(self) else []
        joined = tuple(
            Stride(self.strides[a].t, self.strides[a].now, self.strides[b - 1].then)
            for a, b in itertools.pairwise(ends)
        )
        return replace(self, strides=joined) if joined else self


def make_schedule(config: Mapping[str, Any], steps: int) -> Schedule:
    """Schedule of `steps` denoising steps from the numbers in a diffusers scheduler's config.

    Only the config is read, whatever scheduler class it belongs to; the pipeline's own scheduler is never stepped.
    The timesteps are those of `diffusers.DDIMScheduler`, its rule for the point ahead (a fixed jump) included, so that
    the same noise gives the same picture.

    Args:
        config: of a pipeline's scheduler.
        steps: number of denoising steps, 1 to the model's training steps.

    Raises:
        ValueError: the number of steps or the kind of model is not one we can walk, or it predicts the noise alone
            where there is nothing else (Lin et al. 2024, arXiv 2305.08891).
    """
    if "beta_start" not in config and "trained_betas" not in config:
        message = f"the scheduler's config ({', '.join(sorted(config))}) has no betas: flow matching is not supported"
        raise ValueError(message)
    if config.get("clip_sample") or config.get("thresholding"):
        caution("the model's scheduler clips its predictions; latents are not clipped here")
    accepted = set(inspect.signature(DDIMScheduler.__init__).parameters) & set(config)
    numbers: dict[str, Any] = {key: config[key] for key in accepted}
    # DDIMScheduler clips unless told otherwise, also where the config never mentions it.
    numbers |= {"clip_sample": False, "thresholding": False}
    walk = DDIMScheduler(**numbers)
    train_steps = int(walk.config["num_train_timesteps"])
    if not 1 <= steps <= train_steps:
        message = f"steps={steps}: expected a whole number from 1 to {train_steps}"
        raise ValueError(message)
    prediction = str(walk.config["prediction_type"])
    if prediction not in PREDICTIONS:
        message = f"prediction_type={prediction!r}: expected one of {', '.join(PREDICTIONS)}"
        raise ValueError(message)
    walk.set_timesteps(steps)
    bars = [float(bar) for bar in walk.alphas_cumprod.double()]
    end = float(walk.final_alpha_cumprod)
    jump = train_steps // steps
    strides: list[Stride] = []
    for timestep in walk.timesteps.tolist():
        t = min(int(timestep), train_steps - 1)  # an offset may point one past the end
        ahead = t - jump
        strides.append(Stride(t, Point.of(bars[t]), Point.of(bars[ahead] if ahead >= 0 else end)))
    if prediction == "epsilon" and strides[0].now.alpha < NO_SIGNAL:
        message = (
            "the schedule begins at pure noise (rescale_betas_zero_snr), where a prediction of 'epsilon' tells nothing "
            "of the picture: load the scheduler with rescale_betas_zero_snr=False, or, if the model was trained so, "
            "with prediction_type='v_prediction'"
        )
        raise ValueError(message)
    return Schedule(tuple(strides), prediction, train_steps)
