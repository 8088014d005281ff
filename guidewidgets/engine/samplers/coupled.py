"""Samplers that carry two latents and can be undone: EDICT, BDIA and O-BELM.

With α, σ of the points t (now) and s (then), a = α_s/α_t and b = σ_s - a σ_t, so that DDIM is x_s = a x_t + b ε.

Flows begin at α = 0, where a is infinite. They are coupled on v = ε - x̂_0 instead, as Euler's step is: x_s = x_t + h v
with h = σ_s - σ_t. Everything below then holds with a = 1, b = h and v in the place of ε.
"""

from __future__ import annotations

import math
from typing import final

from guidewidgets.engine.samplers.base import Coupling, Sampler
from guidewidgets.engine.samplers.ddim import ddim
from guidewidgets.engine.samplers.schedule import Schedule


@final
class EDICT(Sampler):
    """EDICT (Wallace et al. 2023, arXiv 2211.12446, eqs. 14-15): two latents, each stepped with the other's noise.

    x' = a x + b ε(y);  y' = a y + b ε(x');  x_s = p x' + (1-p) y';  y_s = p y' + (1-p) x_s. In odd steps y goes first,
    counted from the noise also when inverting, whatever the parity of the number of steps; mixing is not alternated.
    """

    def __init__(self, schedule: Schedule, p: float = 0.93) -> None:
        super().__init__(schedule)
        if not 0 < p <= 1:
            message = f"p={p!r}: expected a mixing weight above 0 and at most 1 (0.93 is usual)"
            raise ValueError(message)
        self.p = p

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """Two network evaluations, then two mixtures (none where p = 1)."""
        stride = self.schedule.strides[k]
        first = k % 2
        if self.schedule.prediction == "flow":
            h = stride.then.sigma - stride.now.sigma
            steps = (Coupling(first, 1 - first, 1.0, -h, h), Coupling(1 - first, first, 1.0, -h, h))
        else:
            a = stride.then.alpha / stride.now.alpha
            b = stride.then.sigma - a * stride.now.sigma
            steps = (Coupling(first, 1 - first, a, noise=b), Coupling(1 - first, first, a, noise=b))
        if self.p == 1:
            return steps
        return (*steps, Coupling(0, 1, self.p, mix=1 - self.p), Coupling(1, 0, self.p, mix=1 - self.p))

    def newest(self, k: int) -> int:
        """0: both members stand there."""
        del k
        return 0

    def restart(self, k: int) -> tuple[Coupling, ...]:
        """From two equal latents, as at the noise."""
        return (Coupling(1, 0, 0.0, mix=1.0), *self.couplings(k))

    def amplification(self) -> float:
        """p^(-2N): undoing a mixture magnifies what the two latents differ by."""
        return self.p ** (-2 * len(self.schedule))


@final
class BDIA(Sampler):
    """BDIA (Zhang et al. 2024, arXiv 2307.10829): x_{i-1} = γ x_{i+1} + DDIM(x_i → i-1) - γ DDIM(x_i → i+1).

    One network evaluation a step. γ = 1 is exactly invertible; γ < 1 is for sampling in few steps only.
    """

    def __init__(self, schedule: Schedule, gamma: float = 1.0) -> None:
        super().__init__(schedule)
        if not 0 < gamma <= 1:
            message = f"gamma={gamma!r}: expected above 0 and at most 1"
            raise ValueError(message)
        self.gamma = gamma

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One network evaluation, at the newer latent; which one that is alternates, ending with the picture."""
        stride = self.schedule.strides[k]
        if k == 0:
            return self.restart(k)
        target = 1 - self.newest(k)
        before = self.schedule.strides[k - 1].now
        return (
            Coupling(
                target,
                1 - target,
                self.gamma,
                clean=stride.then.alpha - self.gamma * before.alpha,
                noise=stride.then.sigma - self.gamma * before.sigma,
            ),
        )

    def newest(self, k: int) -> int:
        """0 and 1 in turn, so that the last step writes member 0."""
        return (len(self.schedule) - k) % 2

    def restart(self, k: int) -> tuple[Coupling, ...]:
        """DDIM's step."""
        return _first(self, k)

    def amplification(self) -> float:
        """γ^(-N)."""
        return self.gamma ** (-len(self.schedule))


@final
class OBELM(Sampler):
    """O-BELM (Wang et al. 2024, arXiv 2410.07273): the two-step method of least local error.

    With s = σ/α and h_i = s_i - s_{i-1}:

    x_{i-1} = (h_i²/h_{i+1}²)(α_{i-1}/α_{i+1}) x_{i+1} + ((h_{i+1}²-h_i²)/h_{i+1}²)(α_{i-1}/α_i) x_i
              - (h_i (h_i + h_{i+1})/h_{i+1}) α_{i-1} ε(x_i).

    For flows s = σ, no α stands there, and v(x_i) in the place of ε(x_i).
    """

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """One network evaluation, at the newer of the two latents; the first step is DDIM's."""
        if k == 0:
            return self.restart(k)
        stride, target = self.schedule.strides[k], 1 - self.newest(k)
        now, then = stride.now, stride.then
        before = self.schedule.strides[k - 1].now
        h, h_before = self._h(k), self._h(k - 1)
        if self.schedule.prediction == "flow":
            linear, score = 1 - (h / h_before) ** 2, -h * (h + h_before) / h_before
            clean, noise = linear * now.alpha - score, linear * now.sigma + score
            return (Coupling(target, 1 - target, (h / h_before) ** 2, clean=clean, noise=noise),)
        linear = (h_before**2 - h**2) / h_before**2 * then.alpha / now.alpha
        score = -h * (h + h_before) / h_before * then.alpha
        # x_i = α_i x̂_0 + σ_i ε turns the linear part into the two things the network says.
        return (
            Coupling(
                target,
                1 - target,
                (h / h_before) ** 2 * then.alpha / before.alpha,
                clean=linear * now.alpha,
                noise=linear * now.sigma + score,
            ),
        )

    def newest(self, k: int) -> int:
        """0 and 1 in turn, so that the last step writes member 0."""
        return (len(self.schedule) - k) % 2

    def restart(self, k: int) -> tuple[Coupling, ...]:
        """DDIM's step."""
        return _first(self, k)

    def _h(self, k: int) -> float:
        now, then = self.schedule.strides[k].now, self.schedule.strides[k].then
        if self.schedule.prediction == "flow":
            return now.sigma - then.sigma
        return now.noise_to_signal - then.noise_to_signal

    def amplification(self) -> float:
        """(h_first/h_last)²; infinite where the last step stands still (steps_offset 0 without set_alpha_to_one)."""
        last = self._h(len(self.schedule) - 1)
        return (self._h(0) / last) ** 2 if last else math.inf


def _first(sampler: Sampler, k: int) -> tuple[Coupling, ...]:
    """One network evaluation, and DDIM's step from the newest latent into the place of the other."""
    newest = sampler.newest(k)
    return (ddim(sampler.schedule.strides[k].then, newest, 1 - newest),)
