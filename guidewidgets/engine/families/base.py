"""What differs from one family of models to the next, and nothing else: subclasses use a diffusers pipeline's parts.

The pipeline's scheduler is never stepped. Samplers, composition, gradients, ensembles and previews are shared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.families.tokens import Tokens
from guidewidgets.engine.samplers.own import own_sampler
from guidewidgets.engine.samplers.registry import SAMPLERS
from guidewidgets.engine.samplers.schedule import Schedule
from guidewidgets.engine.weights import execution_device


@dataclass(frozen=True, slots=True)
class TextEmbedding:
    """One encoded concept: token states (L, D) and, for families that use it, a pooled vector (P,)."""

    states: Tensor
    pooled: Tensor | None = None


class Family(ABC):
    """How one kind of text-to-image model is used.

    Attributes:
        part, reader: names of the pipeline's denoising network, and of the tokenizer whose limit counts.
        module, config: the denoising network and its numbers.
        latent_shape: (C, H, W) of the model's own picture size.
        unit: latent pixels that height and width are multiples of.
        width: channels of the network's widest level, from which its memory is estimated.
        factor: pixels per latent pixel.
        tokens: counts and checks the tokens of a text.
    """

    part: str
    reader = "tokenizer"
    unit: int
    width: int

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.module: Any = getattr(pipeline, self.part)
        self.config = self.module.config
        side = int(self.config.sample_size)
        self.latent_shape = (int(self.config.in_channels), side, side)
        self.factor = int(pipeline.vae_scale_factor)
        self.scale = float(pipeline.vae.config.get("scaling_factor", 1.0))
        self.shift = float(pipeline.vae.config.get("shift_factor") or 0.0)
        self.tokens = Tokens(getattr(pipeline, self.reader))

    @property
    def samplers(self) -> tuple[str, ...]:
        """Names of the samplers that can walk this model; "ddim" is always one."""
        return tuple(SAMPLERS)

    def own_sampler(self) -> tuple[str, str]:
        """The sampler that the pipeline's scheduler names, and what to tell users where another has to stand in."""
        scheduler = self.pipeline.scheduler
        return own_sampler(type(scheduler).__name__, scheduler.config)

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return execution_device(self.module)

    def upcasts(self, dtype: torch.dtype) -> bool:
        """Whether the pipeline itself puts an autoencoder of this dtype into fp32 while it decodes."""
        del dtype
        return False

    @abstractmethod
    def schedule(self, steps: int, size: tuple[int, int], sampler: str) -> Schedule:
        """Noise schedule of `steps` steps of a sampler for pictures of `size` (width, height) in pixels.

        Raises ValueError where there is none.
        """

    @abstractmethod
    def encode(self, text: str) -> TextEmbedding:
        """Encode one concept; the empty text is the unconditional concept ∅. Raises as `Tokens.check`."""

    @abstractmethod
    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """The network's raw prediction (rows, C, H, W) at latents `x` of this shape, in its dtype, at timestep `t`.

        Args: one embedding per row; `size` is (height, width) of the pictures in pixels.
        """

    def to_vae(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) of the denoiser to those of the autoencoder."""
        return latents / self.scale + self.shift

    def from_vae(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) of the autoencoder to those of the denoiser."""
        return (latents - self.shift) * self.scale
