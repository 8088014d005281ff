"""Samplers that carry one latent: DDIM and DDPM. The latent is its own source, so they cannot be undone.

With α, σ of the points t (now) and s (then): x_s = α_s x̂_0 + σ_s ε is DDIM.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Sequence
from functools import partial
from typing import final

from guidewidgets.engine.samplers.base import Coupling, Kick, Sampler
from guidewidgets.engine.samplers.noise import kick
from guidewidgets.engine.samplers.schedule import Schedule

STREAM = 2  # keeps its noise apart from the corrector's


class Single(Sampler, ABC):
    """One latent, which remembers nothing; subclasses say how it steps."""

    members = 1

    @final
    def newest(self, k: int) -> int:
        """0: there is one member."""
        del k
        return 0

    @final
    def restart(self, k: int) -> tuple[Coupling, ...]:
        """Those of `couplings`: one latent has no memory of the steps before."""
        return self.couplings(k)

    @final
    def amplification(self) -> float:
        """It cannot be undone."""
        return math.inf


@final
class DDIM(Single):
    """DDIM with η = 0 (Song et al. 2021, arXiv 2010.02502, eq. 12): x_s = α_s x̂_0 + σ_s ε."""

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One network evaluation; not invertible, because the latent is its own source."""
        then = self.schedule.strides[k].then
        return (Coupling(0, 0, 0.0, clean=then.alpha, noise=then.sigma),)


@final
class DDPM(Single):
    """Ancestral sampling (Ho et al. 2020, arXiv 2006.11239), as DDIM's η = 1: noise is added at every step.

    x_s = α_s x̂_0 + √(σ_s² - η² v) ε + η √v z with v = (σ_s²/σ_t²)(1 - α_t²/α_s²), the variance of q(x_s | x_t, x_0).
    """

    def __init__(self, schedule: Schedule, eta: float = 1.0, seeds: Sequence[int] = ()) -> None:
        super().__init__(schedule)
        if not 0 <= eta <= 1:
            message = f"eta={eta!r}: expected a share of the noise in [0, 1]"
            raise ValueError(message)
        self.eta = eta
        self._seeds = tuple(seeds)

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One network evaluation, and noise."""
        then, v = self.schedule.strides[k].then, self._variance(k)
        noise = math.sqrt(max(0.0, then.sigma**2 - v))
        return (Coupling(0, 0, 0.0, clean=then.alpha, noise=noise, kick=self.noise(k)),)

    def _variance(self, k: int) -> float:
        now, then = self.schedule.strides[k].now, self.schedule.strides[k].then
        return self.eta**2 * (then.sigma / now.sigma) ** 2 * max(0.0, 1 - (now.alpha / then.alpha) ** 2)

    def noise(self, k: int) -> Kick | None:
        """η √v z; none in a last step that ends without noise."""
        scale = math.sqrt(self._variance(k))
        return partial(kick, self._seeds, (STREAM, k), scale) if scale else None
