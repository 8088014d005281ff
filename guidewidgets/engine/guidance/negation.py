"""How NOT may act besides the paper's negative weight: `perp` and `dynamic`.

The sum of scores is no logical NOT: with weight β it moves a mode from m to (1 + 2β) m instead of leaving it alone.

`perp` (Perp-Neg, Armandpour et al. 2023, arXiv 2304.04968): of the negated difference only what is orthogonal to the
sum of the positive ones is taken away, over the whole latent, so that what both have in common stays.

`dynamic` (Dynamic Negative Guidance, Koulischer et al. 2025, arXiv 2410.14398): the weight is λ p/(1 - p), with p the
probability that the picture under way shows the negated concept. Where it does not, NOT does nothing. p follows from
what the network says anyway: each step multiplies it by how much likelier the transition was under c than under ∅,

    log p(c|x_s)/π = Σ over steps of ½ (SNR_s - SNR_t) (σ_t/α_t)² (‖ε* - ε(∅)‖² - ‖ε* - ε(c)‖²) + what the noise adds,

with DDPM's transitions. That is the posterior where the sampler is `ddpm`. Deterministic samplers never take such a
step: for them its mean stands in, which sees whither the guidance leads, but not that unguided noise went astray.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.samplers.schedule import Stride

PRIOR = 0.1  # probability of the negated concept before anything is seen; the authors use 0.01 to 0.2
# Of the increments: the coordinates of a latent are far from independent. The authors use 0.2 to 1.
TEMPERATURE = 0.1
LEAST, MOST = 1e-6, 0.9  # bounds of p, so that NOT neither sleeps for good nor runs away


def project(negative: Tensor, positive: Tensor) -> Tensor:
    """The part of each `negative` (n, C, H, W) that is orthogonal to its `positive`, over all of C, H and W.

    Where `positive` is zero there is nothing to be orthogonal to, and `negative` stays as it is.
    """
    axes = (1, 2, 3)
    square = (positive * positive).sum(axes, keepdim=True)
    share = (negative * positive).sum(axes, keepdim=True) / torch.where(square > 0, square, 1.0)
    return negative - share * positive


def gains(stride: Stride, prediction: str) -> tuple[float, float]:
    """How log p(c|x) grows with 2 g·d - d·d and with d·(noise of the step), of what the network predicts.

    g is ε* - ε(∅), d is ε(c) - ε(∅). Zeros in a last step that ends without noise: nothing comes after it.
    """
    now, then = stride.now, stride.then
    if then.sigma == 0:
        return 0.0, 0.0
    rise = (then.alpha / then.sigma) ** 2 - (now.alpha / now.sigma) ** 2
    # σ_t/α_t times ε_a - ε_b, which is α (v_a - v_b), of flows too, and -(α/σ)(x_a - x_b) of clean latents.
    scale = {
        "epsilon": now.noise_to_signal,
        "v_prediction": now.sigma,
        "flow": now.sigma,
        "sample": -1.0,
    }[prediction]
    return 0.5 * rise * scale**2, -scale * then.alpha / then.sigma**2


@final
class Track:
    """log p(c|x_t)/π of every negated concept of a run, by step, written once.

    A gradient that makes a step again finds what the walk found: p is a switch, held constant in derivatives.
    """

    def __init__(self, prior: float = PRIOR, temperature: float = TEMPERATURE) -> None:
        self.prior, self.temperature = prior, temperature
        self._logs: dict[int, dict[Hashable, Tensor]] = {0: {}}

    def at(self, k: int, stride: Stride, prediction: str, noise: Tensor | None = None) -> Posterior:
        """The posterior of step k: read before its update, and updated by `learn`.

        Args:
            k: the step, from 0.
            stride: where it leads.
            prediction: what the network predicts.
            noise: that the sampler will add to the latents of this step, (n, C, H, W), or None.
        """
        return Posterior(self, k, gains(stride, prediction), noise)

    def before(self, k: int) -> dict[Hashable, Tensor]:
        """The log-odds when step k begins."""
        return self._logs[max(i for i in self._logs if i <= k)]

    def note(self, k: int, logs: dict[Hashable, Tensor]) -> None:
        """Store the log-odds after step k; a second evaluation of the same step changes nothing."""
        self._logs.setdefault(k + 1, {**self.before(k), **logs})


@final
class Posterior:
    """Probabilities of the negated concepts at one step."""

    def __init__(self, track: Track, k: int, gains: tuple[float, float], noise: Tensor | None) -> None:
        self._track, self._k, self._gains, self._noise = track, k, gains, noise

    def probabilities(self, keys: Sequence[Hashable], like: Tensor) -> Tensor:
        """P(c|x_t) of each (image, term), (len(keys),)."""
        known, zero = self._track.before(self._k), like.new_zeros(())
        logs = torch.stack([known.get(key, zero) for key in keys])
        return (self._track.prior * logs.clamp(max=30.0).exp()).clamp(LEAST, MOST)

    def odds(self, keys: Sequence[Hashable], like: Tensor) -> Tensor:
        """p/(1 - p) of each (image, term)."""
        p = self.probabilities(keys, like)
        return p / (1 - p)

    def learn(self, keys: Sequence[tuple[int, Hashable]], guided: Tensor, towards: Tensor) -> None:
        """Update by the network's predictions of this step.

        Args:
            keys: (image, term) of each row.
            guided: ε* - ε(∅) of each row, (rows, C, H, W).
            towards: ε(c) - ε(∅) of each row, within its region.
        """
        # ‖g‖² - ‖g - d‖² = 2 g·d - d·d, which sees only where d is not masked out.
        nearer = (2 * guided * towards - towards * towards).sum((1, 2, 3))
        rise = self._gains[0] * nearer
        if self._noise is not None:
            rise = rise + self._gains[1] * (towards * self._noise[[i for i, _ in keys]]).sum((1, 2, 3))
        known, zero = self._track.before(self._k), guided.new_zeros(())
        rise = self._track.temperature * rise
        logs: dict[Hashable, Tensor] = {key: known.get(key, zero) + rise[r] for r, key in enumerate(keys)}
        self._track.note(self._k, logs)
