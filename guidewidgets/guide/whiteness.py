"""Keep optimised latents like noise. A norm alone does not: it lets all the energy go into a few low frequencies.

White noise has the same expected power in every frequency band. Each band of each channel is brought back to within
three standard errors of that, which leaves fresh noise untouched and costs one FFT.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

BANDS = 6
ERRORS = 3.0


def whiten(z: Tensor, like: Tensor | None = None, errors: float = ERRORS) -> Tensor:
    """The nearest latents, band by band, whose power is that of white noise.

    Args:
        z: (..., C, H, W).
        like: latents of the same shape; bands may also keep the power they have there, which need not be noise.
        errors: standard errors that a band's mean power may be away from one; 0 makes it one.

    Returns:
        (..., C, H, W) in the same dtype. A band's mean power stays if it is within the standard errors.
    """
    height, width = z.shape[-2:]
    spectrum = torch.fft.fft2(z.double(), norm="ortho")
    band = bands(height, width).to(z.device)
    scale = torch.ones_like(spectrum.real)
    power = spectrum.abs().square()
    before = None if like is None else torch.fft.fft2(like.double(), norm="ortho").abs().square()
    for b in range(int(band.max()) + 1):
        inside = band == b
        count = int(inside.sum())
        if not count:
            continue
        mean = power[..., inside].mean(-1)
        # Each frequency is there twice (the latents are real), so half of them are independent: variance 2 / count.
        slack = errors * math.sqrt(2 / count)
        low, high = mean.new_tensor(max(0.0, 1 - slack)), mean.new_tensor(1 + slack)
        if before is not None:
            was = before[..., inside].mean(-1)
            low, high = torch.minimum(low, was), torch.maximum(high, was)
        wanted = torch.minimum(torch.maximum(mean, low), high)
        scale[..., inside] = (wanted / mean.clamp(min=1e-12)).sqrt()[..., None].to(scale)
    return torch.fft.ifft2(spectrum * scale, norm="ortho").real.to(z.dtype)


def renormalise(z: Tensor, length: Tensor) -> Tensor:
    """Each latent (n, C, H, W) scaled to its length (n,): the published constraint."""
    return z * (length / z.flatten(1).norm(dim=1).clamp(min=1e-12)).to(z)[:, None, None, None]


def bands(height: int, width: int) -> Tensor:
    """Index of the frequency band of each FFT coefficient, (H, W); 0 is the mean alone."""
    rows, columns = torch.fft.fftfreq(height)[:, None], torch.fft.fftfreq(width)[None]
    radius = torch.sqrt(rows**2 + columns**2) / math.sqrt(0.5)
    return torch.where(radius == 0, 0, 1 + torch.clamp((radius * BANDS).long(), max=BANDS - 1))
