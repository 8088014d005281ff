"""The autoencoder of a pipeline: images in [0, 1] to latents and back."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from guidewidgets.engine.families.base import Family
from guidewidgets.engine.half import half_call

PARALLEL_PIXELS = (
    64 * 64 * 64
)  # per decoder call on the CPU: beyond this its activations fall out of the cache


@final
class Autoencoder:
    """Encode and decode with the scale and shift that the denoiser was trained on."""

    def __init__(self, family: Family, device: torch.device) -> None:
        """Wrap the pipeline's VAE (AutoencoderKL or AutoencoderTiny)."""
        self.vae = family.pipeline.vae
        self.family, self.factor = family, family.factor
        self.device = device

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) to images (n, 3, f H, f W) in [0, 1], at least float32.

        A picture with a number that is not finite is NaN throughout; see `not_finite`.
        """
        pixels = latents.shape[-1] * latents.shape[-2] * self.factor**2
        batch = max(1, PARALLEL_PIXELS // pixels)
        raw = [self._decode(part) for part in latents.split(batch)]
        return torch.cat(raw) if len(raw) > 1 else raw[0]

    def _decode(self, latents: Tensor) -> Tensor:
        answer = half_call(
            lambda z: self.vae.decode(z, return_dict=False)[0], self.family.to_vae(latents), self.vae.dtype
        )
        image = answer.to(torch.promote_types(answer.dtype, torch.float32))
        bad = ~finite(image)  # asked before clamping, which makes white of infinity
        image = (image / 2 + 0.5).clamp(0, 1)
        return torch.where(bad[:, None, None, None], torch.nan, image) if bool(bad.any()) else image

    def encode(self, images: Tensor) -> Tensor:
        """Images (n, 3, H, W) in [0, 1] to latents: the mode of the encoder's distribution, never a sample."""
        answer = self.vae.encode((images * 2 - 1).to(self.device, self.vae.dtype))
        # AutoencoderTiny gives latents, AutoencoderKL a distribution.
        raw = answer.latents if hasattr(answer, "latents") else answer.latent_dist.mode()
        return self.family.from_vae(raw.to(torch.promote_types(raw.dtype, torch.float32)))

    def agrees(self, other: Autoencoder) -> bool:
        """Whether both mean the same latents: encoders' weights, scale and shift; decoders may be tuned apart."""
        if (self.family.scale, self.family.shift) != (other.family.scale, other.family.shift):
            return False
        shapes, values = zip(*(_sample(one.vae.encoder) for one in (self, other)), strict=True)
        # The same weights may be loaded in different precision: bf16 rounds by 0.4 %.
        return shapes[0] == shapes[1] and torch.allclose(values[0], values[1], rtol=0.01, atol=1e-4)


def finite(images: Tensor) -> Tensor:
    """Which pictures of a batch (n, ...) hold finite numbers only, (n,)."""
    least, most = images.detach().flatten(1).aminmax(dim=1)
    return least.isfinite() & most.isfinite()


def _sample(encoder: nn.Module) -> tuple[list[object], Tensor]:
    """Names and shapes of all weights, and a few values of each."""
    named = dict(encoder.named_parameters())
    values = [weight.detach().flatten()[:16].float().cpu() for weight in named.values()]
    return [(name, weight.shape) for name, weight in named.items()], torch.cat(values)
