"""Heun's method: each step is tried first, then made again with the mean of the slopes at both of its ends."""

from __future__ import annotations

import math
from typing import final

from guidewidgets.engine.samplers.base import Coupling, Sampler
from guidewidgets.engine.samplers.ddim import ddim


@final
class Heun(Sampler):
    """Heun's second-order method (Karras et al. 2022, arXiv 2206.00364, algorithm 1), with two evaluations a step.

    With c = α, y = x/c and τ = σ/α the latents obey dy/dτ = ε; with c = 1 and τ = σ those of flow matching obey
    dx/dτ = ε - x̂_0. From τ_t to τ_s, y' = y + (τ_s - τ_t) d(y), which is DDIM's step, and then
    y_s = (y + y')/2 + (τ_s - τ_t)/2 d(y'). The last step ends without noise, where there is no slope: it is DDIM's.
    """

    pairs = False

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """The trial into member 1, and the step into member 0."""
        now, then = self.schedule.strides[k].now, self.schedule.strides[k].then
        if k + 1 == len(self.schedule):
            return (ddim(then),)
        flow = self.schedule.prediction == "flow"
        keep = 0.5 if flow else 0.5 * then.alpha / now.alpha
        slope = 0.5 * (then.sigma - now.sigma if flow else then.sigma - now.sigma * then.alpha / now.alpha)
        return (
            ddim(then, target=1),
            Coupling(
                0,
                1,
                keep,
                clean=0.5 * then.alpha - (slope if flow else 0.0),
                noise=0.5 * then.sigma + slope,
                ahead=True,
            ),
        )

    def newest(self, k: int) -> int:
        """0: member 1 is a trial, forgotten when a step begins."""
        del k
        return 0

    def restart(self, k: int) -> tuple[Coupling, ...]:
        """Those of `couplings`."""
        return self.couplings(k)

    def amplification(self) -> float:
        """It cannot be undone."""
        return math.inf
