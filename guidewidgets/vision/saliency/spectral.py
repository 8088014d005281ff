"""Spectral residual (Hou & Zhang 2007): what is unlike the usual spectrum of images stands out. It needs no weights."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.vision.saliency.base import Saliency, blur, upscale

SIDE = 64  # the paper's working size; finer detail is noise to it


@final
class SpectralResidual(Saliency):
    """|F⁻¹(exp(L - mean₃ₓ₃ L + iφ))|², blurred; L is the log amplitude, φ the phase (their eqs. 5-8)."""

    kind = "object"

    @property
    def name(self) -> str:
        """Spectral residual."""
        return "spectral residual"

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`."""
        height, width = images.shape[-2:]
        scale = SIDE / max(height, width)
        size = (max(8, round(height * scale)), max(8, round(width * scale)))
        # Linear contrast in all three channels: emoji differ in hue as often as in lightness.
        small = F.interpolate(images, size=size, mode="bilinear", antialias=True, align_corners=False)
        spectrum = torch.fft.fft2(small.double())
        amplitude = torch.log(spectrum.abs() + 1e-9)
        usual = F.avg_pool2d(F.pad(amplitude, (1, 1, 1, 1), mode="circular"), 3, 1)
        residual = torch.polar(torch.exp(amplitude - usual), spectrum.angle())
        found = torch.fft.ifft2(residual).abs().square().sum(1)
        return upscale(blur(found, 0.04 * min(size)), (height, width)).float()
