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
from guidewidgets.engine.samplers.schedule import Point, Schedule

STREAM = 2  # keeps its noise apart from the corrector's


def ddim(then: Point, source: int = 0, target: int = 0) -> Coupling:
    """DDIM's step to a point, with η = 0: x_s = α_s x̂_0 + σ_s ε."""
    return Coupling(target, source, 0.0, clean=then.alpha, noise=then.sigma)


class Single(Sampler, ABC):
    """One latent, which remembers nothing; subclasses say how it steps."""

    members, pairs = 1, False

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
    """DDIM with η = 0 (Song et al. 2021, arXiv 2010.02502, eq. 12): x_s = α_s x̂_0 + σ_s ε.

    On the noise levels of Karras et al. 2022 (arXiv 2206.00364), and along a flow, it is Euler's method.
    """

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One network evaluation; not invertible, because the latent is its own source."""
        return (ddim(self.schedule.strides[k].then),)


@final
class DDPM(Single):
    """Ancestral sampling (Ho et al. 2020, arXiv 2006.11239), as DDIM's η = 1: noise is added at every step.

    x_s = α_s x̂_0 + √(σ_s² - η² v) ε + η √v z, where v = σ_s² (1 - (σ_s α_t)²/(α_s σ_t)²) is the variance of
    q(x_s | x_t, x_0): the paper's (σ_s²/σ_t²)(1 - α_t²/α_s²) where α² + σ² = 1. On the noise levels of Karras et al.
    2022 it is the ancestral Euler method.
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
        left = then.sigma * now.alpha / (then.alpha * now.sigma)
        return (self.eta * then.sigma) ** 2 * max(0.0, 1 - left**2)

    def noise(self, k: int) -> Kick | None:
        """η √v z; none in a last step that ends without noise."""
        scale = math.sqrt(self._variance(k))
        return partial(kick, self._seeds, (STREAM, k), scale) if scale else None
