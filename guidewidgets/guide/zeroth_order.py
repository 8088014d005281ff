"""Gradients of losses that have none, from differences of their values alone: antithetic Gaussian smoothing.

Whatever f is, its mean over a little noise, f_σ(x) = E f(x + σ u) with u ~ N(0, I), is smooth, and

    ∇f_σ(x) = E [ (f(x + σ u) - f(x - σ u)) / 2σ · u ]

(Nesterov & Spokoiny 2017; the pairs u and -u as in Salimans et al. 2017, arXiv 1703.03864). The mean over k directions
is an unbiased estimate of it, and for a quadratic f, of which f_σ has the same gradient, of ∇f itself. Its variance is
then (|∇f|² + (∂_i f)²) / k for each of the d numbers of x, so that its cosine to the gradient is about
√(k / (k + d + 1)): of 8 directions at a latent of 1024 numbers, 0.09. Each costs two renderings.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Probes:
    """Where a loss is asked, to estimate its gradient.

    Attributes:
        directions: u, (k, …, n, C, H, W), each image its own.
        smoothing: σ.
    """

    directions: Tensor
    smoothing: float

    @classmethod
    def draw(cls, x: Tensor, k: int, smoothing: float, chance: torch.Generator) -> Probes:
        """Directions, k of them, at latents x (…, n, C, H, W)."""
        return cls(torch.randn(k, *x.shape, generator=chance).to(x), smoothing)

    def around(self, x: Tensor) -> Tensor:
        """Latents x themselves, then x + σ u, then x - σ u: (…, (1 + 2 k) n, C, H, W)."""
        shift = self.smoothing * self.directions
        return torch.cat([x, *(x + shift), *(x - shift)], -4)

    def gradient(self, losses: Tensor) -> Tensor:
        """The estimate, (…, n, C, H, W), of the losses (2 k n,) of all but x themselves."""
        u = self.directions
        ahead, behind = losses.to(u).reshape(2, len(u), -1)  # each (k, n)
        slope = (ahead - behind) / (2 * self.smoothing)
        return (slope.reshape(len(u), *(1,) * (u.ndim - 5), -1, 1, 1, 1) * u).mean(0)
