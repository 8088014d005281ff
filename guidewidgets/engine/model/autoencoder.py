"""The autoencoder of a pipeline: images in [0, 1] to latents and back."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor

PARALLEL_PIXELS = (
    64 * 64 * 64
)  # per decoder call on the CPU: beyond this its activations fall out of the cache


@final
class Autoencoder:
    """Encode and decode with the scale and shift that the denoiser was trained on."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        """Wrap the pipeline's VAE (AutoencoderKL or AutoencoderTiny)."""
        self.vae = pipeline.vae
        self.device = device
        config = self.vae.config
        self.scale = float(config.get("scaling_factor", 1.0))
        self.shift = float(config.get("shift_factor") or 0.0)
        self.factor = int(pipeline.vae_scale_factor)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) to images (n, 3, f H, f W) in [0, 1], at least float32."""
        pixels = latents.shape[-1] * latents.shape[-2] * self.factor**2
        batch = max(1, PARALLEL_PIXELS // pixels)
        raw = [self._decode(part) for part in latents.split(batch)]
        return torch.cat(raw) if len(raw) > 1 else raw[0]

    def _decode(self, latents: Tensor) -> Tensor:
        scaled = (latents / self.scale + self.shift).to(self.vae.dtype)
        image = self.vae.decode(scaled, return_dict=False)[0]
        return (image.to(torch.promote_types(image.dtype, torch.float32)) / 2 + 0.5).clamp(0, 1)

    def encode(self, images: Tensor) -> Tensor:
        """Images (n, 3, H, W) in [0, 1] to latents: the mode of the encoder's distribution, never a sample."""
        answer = self.vae.encode((images * 2 - 1).to(self.device, self.vae.dtype))
        # AutoencoderTiny gives latents, AutoencoderKL a distribution.
        raw = answer.latents if hasattr(answer, "latents") else answer.latent_dist.mode()
        return (raw.to(torch.promote_types(raw.dtype, torch.float32)) - self.shift) * self.scale
