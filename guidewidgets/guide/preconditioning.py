"""Gradients that leave noise noise: what `whiteness.py` does for latents, done for the gradient g before the update.

White noise is a set: the norm of each block of the spectrum (a band of frequencies of a channel) is given. Hwang & Sung
2026 (arXiv 2602.08646) precondition a gradient by such norms, so that steps may be long without a latent that games the
loss. Two ways, both scaled to a root mean square of 1, so that the learning rate is the length of an update:

- "tangent": g without its part along the normals of the set at x, n_b = F⁻¹(X on block b): to first order an update
  leaves every block's norm as it is, and exactly, power of x + t = power of x + power of t.
- "white": g brought into the set itself, every block scaled to the norm that it has there.

Of the article its abstract could be read, which tells of the second; the blocks are those of `whiteness.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from guidewidgets.guide.whiteness import bands, whiten

PRECONDITIONS = ("tangent", "white")


def precondition(g: Tensor, x: Tensor, kind: str) -> Tensor:
    """A gradient made into a direction of root mean square 1.

    Args:
        g: (..., C, H, W), which is not 0.
        x: latents of the same shape.
        kind: "tangent" or "white".

    Returns:
        (..., C, H, W).
    """
    return unit(tangent(g, x)) if kind == "tangent" else white(g)


def white(g: Tensor) -> Tensor:
    """The member of the set of white noise that is nearest to g's direction: every block has the power of noise."""
    return whiten(unit(g), errors=0.0)


def tangent(g: Tensor, x: Tensor) -> Tensor:
    """The part of g that is orthogonal to every normal of the set of white noise at x; all are (..., C, H, W)."""
    spectrum, normal = (torch.fft.fft2(part.double(), norm="ortho") for part in (g, x))
    block = bands(*g.shape[-2:]).to(g.device)
    along, power = (spectrum * normal.conj()).real, normal.abs().square()
    share = torch.zeros_like(power)
    for b in range(int(block.max()) + 1):
        inside = block == b
        if inside.any():
            length = power[..., inside].sum(-1).clamp(min=1e-12)
            share[..., inside] = (along[..., inside].sum(-1) / length)[..., None].expand_as(
                share[..., inside]
            )
    return torch.fft.ifft2(spectrum - share * normal, norm="ortho").real.to(g.dtype)


def unit(g: Tensor) -> Tensor:
    """Each latent of (..., C, H, W) scaled to a root mean square of 1; 0 stays 0."""
    rms = g.double().square().mean((-3, -2, -1), keepdim=True).sqrt()
    return (g / rms.clamp(min=torch.finfo(torch.float64).tiny)).to(g.dtype)
