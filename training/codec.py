"""The codec: an AutoencoderTiny from 64×64 pixels to 4×16×16 latents, warm-started with a linear code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import AutoencoderTiny
from torch import Tensor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FACTOR = 4
CHANNELS = 4


def make() -> AutoencoderTiny:
    """Return an untrained codec of the final shape."""
    return AutoencoderTiny(
        encoder_block_out_channels=(32, 32, 32),
        decoder_block_out_channels=(32, 32, 32),
        num_encoder_blocks=(1, 1, 3),
        num_decoder_blocks=(4, 3, 1),
        latent_channels=CHANNELS,
        scaling_factor=1.0,
    )


def pca(images: Tensor) -> tuple[Tensor, Tensor]:
    """Fit the whitened principal components of 4×4 patches.

    Args:
        images: (n, 3, H, W) in [-1, 1].

    Returns:
        Weight (4, 3, 4, 4) and bias (4,) of the convolution with stride 4 that computes them, each with mean
        0 and variance 1.
    """
    patches = F.unfold(images, FACTOR, stride=FACTOR).transpose(1, 2).reshape(-1, 3 * FACTOR**2).double()
    mean = patches.mean(0)
    values, vectors = torch.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches))
    basis = (vectors[:, -CHANNELS:] / values[-CHANNELS:].sqrt()).T
    return basis.reshape(CHANNELS, 3, FACTOR, FACTOR).float(), -(basis @ mean).float()


def losses(images: Tensor, decoded: Tensor, latents: Tensor, weight: Tensor) -> Tensor:
    """Return what the codec is trained on.

    L1 of pixels, of gradients and at a quarter of the size, and a pull of the latents towards independent
    unit variance, which takes the place of a KL term.

    Args:
        images: (n, 3, H, W) in [-1, 1].
        decoded: the same shape.
        latents: (n, 4, h, w), before noise.
        weight: (n, 1, H, W), how much each pixel counts; faces are small and backgrounds are easy.
    """
    error = (decoded - images) * weight
    pixel = error.abs().mean()
    slope = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    coarse = F.avg_pool2d(error, FACTOR).abs().mean()
    z = latents.float().transpose(0, 1).flatten(1)
    mean = z.mean(1, keepdim=True)
    covariance = (z - mean) @ (z - mean).T / z.shape[1]
    variance = covariance.diagonal()
    off = covariance - covariance.diag().diag()
    regular = 0.02 * (mean.pow(2).mean() + variance.clamp(min=1e-4).log().pow(2).mean() + off.pow(2).mean())
    return pixel + 0.5 * slope + 0.5 * coarse + regular


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Turn (n, H, W, 3) uint8 into (n, 3, H, W) float32 in [-1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def psnr(images: Tensor, decoded: Tensor) -> Tensor:
    """Return the PSNR of each image in dB, both in [-1, 1], the decoded ones clamped."""
    mse = ((decoded.clamp(-1, 1) - images) / 2).pow(2).flatten(1).mean(1)
    return -10 * mse.clamp(min=1e-10).log10()
