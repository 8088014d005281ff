"""The noise schedule of a walk: which timesteps are visited and how much signal is left at each.

Notation follows DDIM (Song et al. 2021, arXiv 2010.02502): x_t = α_t x_0 + σ_t ε, with α_t = √ᾱ_t and σ_t = √(1-ᾱ_t),
or α_t = 1 - s and σ_t = s where the model was trained by flow matching.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace


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
    """One step of the walk: the network is evaluated at timestep `t`, and x goes from `now` to `then`.

    Consistency samplers go to `via` first, a point with less noise than there is at `then`.
    """

    t: float
    now: Point
    then: Point
    via: Point | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The strides of one sampling run, noisiest first.

    Attributes:
        strides: one per step.
        prediction: what the network predicts; see `samplers.base.to_prediction`.
        train_steps: timesteps that the model was trained on.
        scale: of the standard normal noise that the walk starts from; 1 but for schedulers that leave no room for the
            little signal there is at their first point.
        low_order_end: samplers of higher order make the last step in first order.
    """

    strides: tuple[Stride, ...]
    prediction: str
    train_steps: int = 1000
    scale: float = 1.0
    low_order_end: bool = True

    def __len__(self) -> int:
        return len(self.strides)

    def ahead(self, k: int) -> Stride:
        """From the point where step k ends, which is not the last one."""
        return replace(self.strides[k + 1], now=self.strides[k].then)

    def coarse(self, count: int) -> Schedule:
        """The same walk in `count` longer strides, from the same start to the same end.

        Another number of steps would begin elsewhere: with the usual spacing, 4 steps start where a quarter of the
        noise is gone already, so that what they paint tells less about the picture than 4 strides of the real walk.

        Args:
            count: of strides, at least 1; no fewer than there are leaves the walk as it is.
        """
        ends = [round(i * len(self) / count) for i in range(count + 1)] if count < len(self) else []
        joined = tuple(
            replace(self.strides[b - 1], t=self.strides[a].t, now=self.strides[a].now)
            for a, b in itertools.pairwise(ends)
        )
        return replace(self, strides=joined) if joined else self
