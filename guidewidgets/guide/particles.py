"""Feynman-Kac steering: particles that are resampled on previews (Singhal et al. 2025, arXiv 2501.06848).

Particles are walked together by a sampler with noise. At some steps each is weighed by its potential, the paper's
"difference",

    G = exp(λ (ℓ(x̂_0 before) - ℓ(x̂_0)))        (at the first look, exp(-λ ℓ(x̂_0)))

and as many are drawn by these weights: who promises little goes, who promises much goes on more than once, each copy
with noise of its own. The potentials' product is exp(-λ ℓ(x_0)), so that with many particles what comes is drawn from
p(x_0) exp(-λ ℓ(x_0)). Here λ is in units of the spread of the losses at the first look, so that one strength does for
every loss; the draw is systematic (Carpenter et al. 1999), which adds least noise of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import Tensor

from guidewidgets.engine.samplers.base import Predict, Sampler
from guidewidgets.engine.samplers.noise import Stream, generator
from guidewidgets.guide.verifier import Looked, Verifier

STRENGTH = 2.0
"""λ, in inverse standard deviations of the losses at the first look."""
LOOKS = 4
"""At previews, at most."""


@dataclass(frozen=True, slots=True)
class Cloud(Looked):
    """The particles at one look.

    Attributes:
        weights: that they are drawn by next, (n,), of sum 1.
    """

    weights: Tensor


def looks(steps: int) -> list[int]:
    """Steps, from 0, after which previews are looked at: spread evenly, after the first fifth and before the last."""
    first = max(1, steps // 5)
    every = max(1, round((steps - first) / (LOOKS + 1)))
    return list(range(first, steps - 1, every))[:LOOKS]


def cost(steps: int, look: int) -> int:
    """Network evaluations of one particle, where a look takes so many."""
    return steps + look * (len(looks(steps)) + 1)


def steer(
    sampler: Sampler,
    predict: Predict,
    x: Tensor,
    look: Verifier,
    seed: int,
    lock: AbstractContextManager[object],
    weight: float | None = None,
) -> Iterator[Cloud | None]:
    """Walk particles, resampling at the looks; yields the cloud at each and at the end, and None between the steps.

    Args:
        sampler: carries one latent, with noise of its own for each row of x.
        predict: the guided prediction.
        x: to start from, (n, C, H, W).
        look: judges.
        seed: of the draws.
        lock: of the networks, held for a step at a time.
        weight: λ; None: `STRENGTH` over the spread of the losses at the first look.
    """
    n, steps, spent = len(x), len(sampler.schedule), 0
    at, before = looks(steps), torch.zeros(n, dtype=torch.float64)
    for k in range(steps):
        with lock, torch.no_grad():
            (x,), said = sampler.step((x,), k, predict)
        spent += n
        last = k == steps - 1
        if not last and k not in at:
            yield None
            continue
        z = x if last else said.denoised
        losses = look.losses(z)
        spent += n * look.cost
        if weight is None:
            finite = losses[losses.isfinite()]
            spread = float(finite.std(correction=0)) if len(finite) else 0.0
            weight = STRENGTH / spread if spread > 0 else 0.0
        weights = torch.softmax(weight * (before - losses), 0)
        if not weights.isfinite().all():  # all are lost
            weights = torch.full_like(weights, 1 / n)
        yield Cloud(spent, z, losses, weights)
        if not last:
            chosen = systematic(weights, float(torch.rand((), generator=generator(seed, k, Stream.SEARCH))))
            x, before = x[chosen.to(x.device)], losses[chosen]


def systematic(weights: Tensor, start: float) -> Tensor:
    """As many indices as weights (n,), of sum 1: i comes n · w_i times, rounded up or down; start in [0, 1)."""
    n = len(weights)
    teeth = (torch.arange(n, dtype=torch.float64) + start) / n
    return torch.searchsorted(weights.double().cumsum(0), teeth).clamp(max=n - 1)
