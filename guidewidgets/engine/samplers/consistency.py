"""Samplers of consistency models, such as Stable Diffusion with an LCM or TCD LoRA: few steps, each to the picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import final

from guidewidgets.engine.samplers.base import Coupling, Kick
from guidewidgets.engine.samplers.ddim import STREAM, Single
from guidewidgets.engine.samplers.noise import kick
from guidewidgets.engine.samplers.schedule import Schedule


@final
class Consistency(Single):
    """Multistep consistency sampling: DDIM's step to a cleaner point, and new noise from there to where the step ends.

    x_u = α_u x̂_0 + σ_u ε;  x_s = (α_s/α_u) x_u + √(σ_s² - (α_s σ_u/α_u)²) z, over the point u of `Stride.via`: for LCM
    (Luo et al. 2023, arXiv 2310.04378, algorithm 3) the picture itself, leaving out its boundary terms, which are below
    1e-5; for TCD (Zheng et al. 2024, arXiv 2402.19159, algorithm 4) what its γ says.
    """

    def __init__(self, schedule: Schedule, seeds: Sequence[int] = ()) -> None:
        super().__init__(schedule)
        self._seeds = tuple(seeds)

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One network evaluation, and noise."""
        then, kept = self.schedule.strides[k].then, self._kept(k)
        return (Coupling(0, 0, 0.0, clean=then.alpha, noise=kept, kick=self.noise(k)),)

    def _kept(self, k: int) -> float:
        """How much of the predicted noise is still there after step k."""
        stride = self.schedule.strides[k]
        via = stride.via or stride.then
        return via.sigma * stride.then.alpha / via.alpha

    def noise(self, k: int) -> Kick | None:
        """What is new; none in the last step, which ends where it first leads."""
        scale = max(0.0, self.schedule.strides[k].then.sigma ** 2 - self._kept(k) ** 2) ** 0.5
        return partial(kick, self._seeds, (STREAM, k), scale) if scale else None
