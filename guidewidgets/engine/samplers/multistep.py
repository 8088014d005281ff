"""DPM-Solver++ 2M: second order for one evaluation a step, by remembering the guess of the step before."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import final

from guidewidgets.engine.samplers.base import Coupling, Sampler
from guidewidgets.engine.samplers.ddim import ddim
from guidewidgets.engine.samplers.schedule import Point


@final
class DPMSolver2M(Sampler):
    """DPM-Solver++ (2M) (Lu et al. 2022, arXiv 2211.01095, algorithm 2), with its midpoint rule.

    With λ = ln(α/σ), h = λ_s - λ_t and h' = λ_t - λ of the point before:

    x_s = (σ_s/σ_t) x_t + α_s (1 - e^-h) D,  D = x̂_0 + (h/2h') (x̂_0 - x̂_0 of the step before),

    whose part without the difference is DDIM's step. The first step is of that order, and so is one that ends without
    noise. Nothing here asks that α² + σ² = 1.
    """

    pairs = False

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One evaluation, remembered in member 1."""
        if k == 0 or (k + 1 == len(self.schedule) and self.schedule.low_order_end):
            return self.restart(k)
        before, stride = self.schedule.strides[k - 1], self.schedule.strides[k]
        rise = _log_snr(stride.then) - _log_snr(stride.now)
        risen = _log_snr(stride.now) - _log_snr(before.now)
        if risen == 0:  # with as many steps as the schedule has, its first may be there twice
            return self.restart(k)
        weight = -stride.then.alpha * math.expm1(-rise) * rise / (2 * risen)
        step = ddim(stride.then)
        return (replace(step, clean=step.clean + weight, past=-weight, remember=True),)

    def newest(self, k: int) -> int:
        """0: member 1 is a guess."""
        del k
        return 0

    def restart(self, k: int) -> tuple[Coupling, ...]:
        """DDIM's step, from where there is no guess before."""
        return (replace(ddim(self.schedule.strides[k].then), remember=True),)

    def amplification(self) -> float:
        """It cannot be undone."""
        return math.inf


def _log_snr(point: Point) -> float:
    return -math.log(point.noise_to_signal)
