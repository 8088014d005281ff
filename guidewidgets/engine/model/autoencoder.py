"""The autoencoder of a pipeline: images in [0, 1] to latents and back."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from guidewidgets.caution import caution
from guidewidgets.engine.families.base import Family
from guidewidgets.engine.half import half_call
from guidewidgets.engine.model.guest import at_rest, private_copy
from guidewidgets.engine.model.load import lock_of
from guidewidgets.engine.model.microbatch import RowBudget
from guidewidgets.engine.model.tiles import tiled
from guidewidgets.engine.weights import entries, execution_device, unwrapped, weights
from guidewidgets.settings import LIMITS

# Per call of the decoder on a CPU: beyond this its activations fall out of the cache.
PARALLEL_PIXELS = 64 * 64 * 64
PIXEL_FLOATS = 16  # rough number of activations of the widest level alive at once, in units of C₀·H·W pixels
CHANNELS = 128  # C₀ of a decoder that does not say
SMALLEST = 4  # latent pixels of a tile's side


@final
class Autoencoder:
    """Encode and decode with the scale and shift that the denoiser was trained on."""

    def __init__(self, family: Family) -> None:
        """Wrap the pipeline's VAE (AutoencoderKL or AutoencoderTiny)."""
        self.vae: Any = family.pipeline.vae
        self.family, self.factor = family, family.factor
        self.device = execution_device(self.vae)
        self._rest = at_rest([self.vae])
        self._lock = lock_of(family.module)
        self._wide: Any = None
        self._too_large = math.inf  # latent pixels of the smallest picture that did not fit
        pixels = math.prod(family.latent_shape[1:]) * self.factor**2
        channels: int = (self.vae.config.get("block_out_channels") or (CHANNELS,))[0]
        row_bytes = pixels * channels * PIXEL_FLOATS * self.vae.dtype.itemsize
        self._budget = RowBudget(row_bytes, self.device, PARALLEL_PIXELS // pixels)

    def shape_of(self, size: tuple[int, int]) -> tuple[int, int, int]:
        """Latent shape (C, H, W) of a picture size (width, height) in pixels.

        Raises:
            ValueError, TypeError: the size is no positive multiple of what the network can halve, or no size.
        """
        unit = self.factor * self.family.unit
        width, height = LIMITS["size"].check("size", size)
        if width % unit or height % unit:
            message = (
                f"size={(width, height)}: expected (width, height) in positive multiples of {unit} pixels"
            )
            raise ValueError(message)
        longest = self.family.longest
        if longest is not None and max(width, height) > longest * self.factor:
            message = f"size={(width, height)}: expected at most {longest * self.factor} pixels a side"
            raise ValueError(message)
        return self.family.latent_shape[0], height // self.factor, width // self.factor

    def _used(self) -> Any:
        """The VAE in the pipeline's own precision: a copy where the pipeline casts it while it decodes."""
        if not self.family.upcasts(self.vae.dtype):
            return self.vae
        if self._wide is None:
            self._wide = private_copy(self.vae, self.device, torch.float32)
        return self._wide

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) to images (n, 3, f H, f W) in [0, 1], at least float32, on the VAE's device.

        A picture with a number that is not finite is NaN throughout; see `not_finite`. One that is too large for the
        memory there is comes in tiles.
        """
        return self._fitting(latents.to(self.device), self._decode, 1)

    def _fitting(self, x: Tensor, work: Callable[[Tensor], Tensor], factor: int) -> Tensor:
        """Latents (factor 1) or images (factor f) through the network, as many at a time, and as much, as fits."""

        def run(x: Tensor) -> Tensor:
            larger = math.prod(x.shape[-2:]) / (math.prod(self.family.latent_shape[1:]) * factor**2)
            return self._budget.run(x, lambda _, part: work(part), larger)

        size = math.prod(x.shape[-2:]) // factor**2
        unit = self.family.unit
        tile = max(unit, self.family.latent_shape[1] // (2 * unit) * unit)  # half of the model's own
        if size < self._too_large:
            try:
                return run(x)
            except MemoryError:
                if min(tile, *x.shape[-2:]) < SMALLEST or max(x.shape[-2:]) <= tile * factor:
                    raise
        scale = Fraction(1, self.factor) if factor > 1 else Fraction(self.factor)
        made = tiled(x, run, tile * factor, scale)
        if size < self._too_large:
            caution(
                "too little memory for the autoencoder: pictures of this size are made in tiles and blended"
            )
            self._too_large = size
        return made

    def _decode(self, latents: Tensor) -> Tensor:
        vae = self._used()
        with self._lock, self._rest():
            z = self._framed(self.family.to_vae(latents))
            answer = half_call(lambda z: vae.decode(z, return_dict=False)[0], z, vae.dtype)
        answer = answer[:, :, 0] if self.family.frames else answer
        image = answer.to(torch.promote_types(answer.dtype, torch.float32))
        bad = ~finite(image)  # asked before clamping, which makes white of infinity
        image = (image / 2 + 0.5).clamp(0, 1)
        return torch.where(bad[:, None, None, None], torch.nan, image) if bool(bad.any()) else image

    def encode(self, images: Tensor) -> Tensor:
        """Images (n, 3, H, W) in [0, 1] to latents: the mode of the encoder's distribution, never a sample."""
        return self._fitting(images.to(self.device), self._encode, self.factor)

    def _encode(self, images: Tensor) -> Tensor:
        vae = self._used()
        with self._lock, self._rest():
            answer = vae.encode(self._framed((images * 2 - 1).to(self.device, vae.dtype)))
        # AutoencoderTiny and AutoencoderDC give latents, AutoencoderKL a distribution.
        named = [name for name in ("latents", "latent") if hasattr(answer, name)]
        raw = getattr(answer, named[0]) if named else answer.latent_dist.mode()
        raw = raw[:, :, 0] if self.family.frames else raw
        return self.family.from_vae(raw.to(torch.promote_types(raw.dtype, torch.float32)))

    def _framed(self, x: Tensor) -> Tensor:
        return x[:, :, None] if self.family.frames else x

    def agrees(self, other: Autoencoder) -> bool:
        """Whether both mean the same latents: encoders' weights and scales; decoders may be tuned apart."""
        probe = torch.linspace(-1, 1, 2 * self.family.latent_shape[0]).reshape(1, -1, 1, 2)
        if not torch.allclose(self.family.to_vae(probe), other.family.to_vae(probe)):
            return False
        shapes, values = zip(*(_sample(one.vae) for one in (self, other)), strict=True)
        # The same weights may be loaded in different precision: bf16 rounds by 0.4 %.
        return shapes[0] == shapes[1] and np.allclose(values[0], values[1], rtol=0.01, atol=1e-4)


def finite(images: Tensor) -> Tensor:
    """Which pictures of a batch (n, ...) hold finite numbers only, (n,)."""
    least, most = images.detach().flatten(1).aminmax(dim=1)
    return least.isfinite() & most.isfinite()


def _sample(vae: nn.Module) -> tuple[list[bytes], NDArray[np.float32]]:
    """Names and shapes of all of an encoder's weights, and a few values of each."""
    found = [weight for weight in weights(unwrapped(vae)) if weight.name.startswith("encoder.")]
    labels, values = zip(*entries(found), strict=True)
    return list(labels), np.frombuffer(b"".join(values), np.float32)
