"""Stable Diffusion 1.x, 2.x and SDXL: U-Nets on a schedule of ᾱ, conditioned by CLIP."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Family, Guidance, TextEmbedding
from guidewidgets.engine.samplers.registry import SAMPLERS

ROW_FLOATS = 60  # measured on SD 1.5: activations of the widest level alive at once, in units of C₀·H·W


class StableDiffusion(Family):
    """Stable Diffusion 1.x and 2.x: one CLIP text encoder."""

    part = "unet"
    attends = r"\battn2$"
    samplers = tuple(SAMPLERS)

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        # Latent consistency models (Luo et al. 2023, arXiv 2310.04378) are told a scale, in so many channels.
        self._told = int(self.config.get("time_cond_proj_dim") or 0)
        if self._told:
            self.guidance, self.defaults, self.few = Guidance.EMBEDDED, (4, 8.0), (4, 8.0)
            self.distilled = "its network is told a guidance scale, as LCM's"
        channels: list[int] = list(self.config.block_out_channels)
        self.unit = 2 ** (len(channels) - 1)
        self.row_floats = ROW_FLOATS * math.prod(self.latent_shape[1:]) * int(channels[0])

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer, as the pipeline itself encodes a prompt."""
        del empty
        states, _ = self.encoded(text, num_images_per_prompt=1, do_classifier_free_guidance=False)
        return TextEmbedding(states[0])

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`; what the scheduler's config says: ε, v or x_0."""
        # What is encoded in one precision may be read in another.
        states = torch.stack([e.states for e in embeddings]).to(x)
        extras = self.extras(embeddings, size)
        kwargs: dict[str, Any] = {"added_cond_kwargs": extras} if extras else {}
        if self._told:
            scales = torch.tensor([e.guidance - 1 for e in embeddings])
            kwargs["timestep_cond"] = self.pipeline.get_guidance_scale_embedding(scales, self._told).to(x)
        timestep = torch.tensor(t, device=x.device)
        return self.module(x, timestep, encoder_hidden_states=states, return_dict=False, **kwargs)[0]

    def extras(self, embeddings: list[TextEmbedding], size: tuple[int, int]) -> dict[str, Tensor]:
        """Further conditions of the U-Net for a batch of rows, by name; none here."""
        del embeddings, size
        return {}


class StableDiffusionXL(StableDiffusion):
    """SDXL (Podell et al. 2023, arXiv 2307.01952): two text encoders, a pooled vector and size conditioning."""

    def upcasts(self, dtype: torch.dtype) -> bool:
        """In float16, where its config says that it overflows."""
        return dtype == torch.float16 and bool(self.pipeline.vae.config.get("force_upcast"))

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of both encoders side by side; ∅ is all zeros where the model was trained so."""
        del empty
        states, _, pooled, _ = self.encoded(text, do_classifier_free_guidance=False)
        if not text and self.pipeline.config.force_zeros_for_empty_prompt:
            states, pooled = torch.zeros_like(states), torch.zeros_like(pooled)
        return TextEmbedding(states[0], pooled[0])

    def extras(self, embeddings: list[TextEmbedding], size: tuple[int, int]) -> dict[str, Tensor]:
        """Pooled text and (original size, crop, target size), the picture taken whole."""
        pooled = torch.stack([e.pooled for e in embeddings if e.pooled is not None]).to(self.device)
        ids = torch.tensor([*size, 0, 0, *size], dtype=pooled.dtype, device=pooled.device)
        return {"text_embeds": pooled, "time_ids": ids.expand(len(embeddings), -1)}
