"""Model families: how each encodes a prompt and is asked for a prediction. Everything else is shared.

A family uses the parts of a diffusers pipeline (tokenizers, text encoders, denoiser) and never steps its scheduler.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.check import check_readable

# A tokenizer keeps padding and truncation in itself between calls: counting tokens on one thread while the worker
# encodes on another gave embeddings of the wrong length.
_tokenizing = threading.RLock()


@dataclass(frozen=True, slots=True)
class TextEmbedding:
    """One encoded concept: token states (L, D) and, for families that use it, a pooled vector (P,)."""

    states: Tensor
    pooled: Tensor | None = None


class Family(ABC):
    """How one kind of text-to-image model is used; `pipeline` is any diffusers pipeline of that kind."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.network = pipeline.unet

    @abstractmethod
    def encode(self, text: str) -> TextEmbedding:
        """Encode one concept; the empty text is the unconditional concept ∅."""

    @abstractmethod
    def extras(self, embeddings: list[TextEmbedding], size: tuple[int, int]) -> dict[str, Tensor]:
        """Further inputs of the denoiser for a batch of rows; `size` is (height, width) in pixels."""

    @final
    def predict(self, x: Tensor, t: int, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """Ask the denoiser for its raw prediction.

        Args:
            x: (rows, C, H, W) in the network's dtype.
            t: timestep.
            embeddings: one per row.
            size: (height, width) of the picture in pixels.

        Returns:
            (rows, C, H, W), what the model predicts (ε, v or x_0).
        """
        states = torch.stack([e.states for e in embeddings])
        extras = self.extras(embeddings, size)
        kwargs: dict[str, Any] = {"added_cond_kwargs": extras} if extras else {}
        timestep = torch.tensor(t, device=x.device)
        return self.network(x, timestep, encoder_hidden_states=states, return_dict=False, **kwargs)[0]

    @final
    def count_tokens(self, text: str) -> tuple[int, int]:
        """Tokens of `text` with its begin and end marks, and how many the text encoder reads."""
        return len(self._tokens(text)), int(self.pipeline.tokenizer.model_max_length)

    @final
    def check_length(self, text: str) -> None:
        """Refuse a concept which the text encoder would silently cut, or of which it would read nothing.

        Raises:
            ValueError: it has too many tokens, no valid characters, or none that the tokenizer knows.
        """
        check_readable("concept", text)
        tokens, limit = self._tokens(text), int(self.pipeline.tokenizer.model_max_length)
        if len(tokens) > limit:
            start = f"the concept {text[:40]!r}… has {len(tokens)} tokens"
            message = f"{start}; this model reads {limit}: shorten it, or join parts with AND"
            raise ValueError(message)
        unknown, inner = self.pipeline.tokenizer.unk_token_id, tokens[1:-1]
        if inner and set(inner) == {unknown}:
            message = f"the concept {text[:40]!r} has nothing in it that this model's tokenizer can read"
            raise ValueError(message)

    def _tokens(self, text: str) -> list[int]:
        with _tokenizing:
            return list(self.pipeline.tokenizer(text, truncation=False, verbose=False).input_ids)


@final
class StableDiffusion(Family):
    """Stable Diffusion 1.x and 2.x: one CLIP text encoder."""

    def encode(self, text: str) -> TextEmbedding:
        """States of the last layer, as the pipeline itself encodes a prompt."""
        self.check_length(text)
        with _tokenizing:
            states, _ = self.pipeline.encode_prompt(
                prompt=text,
                device=self.network.device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=False,
            )
        return TextEmbedding(states[0])

    def extras(self, embeddings: list[TextEmbedding], size: tuple[int, int]) -> dict[str, Tensor]:
        """None."""
        del embeddings, size
        return {}


@final
class StableDiffusionXL(Family):
    """SDXL (Podell et al. 2023, arXiv 2307.01952): two text encoders, a pooled vector and size conditioning."""

    def encode(self, text: str) -> TextEmbedding:
        """States of both encoders side by side; ∅ is all zeros where the model was trained so."""
        self.check_length(text)
        with _tokenizing:
            states, _, pooled, _ = self.pipeline.encode_prompt(
                prompt=text,
                device=self.network.device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=False,
            )
        if not text and self.pipeline.config.force_zeros_for_empty_prompt:
            states, pooled = torch.zeros_like(states), torch.zeros_like(pooled)
        return TextEmbedding(states[0], pooled[0])

    def extras(self, embeddings: list[TextEmbedding], size: tuple[int, int]) -> dict[str, Tensor]:
        """Pooled text and (original size, crop, target size), the picture taken whole."""
        pooled = torch.stack([e.pooled for e in embeddings if e.pooled is not None])
        ids = torch.tensor([*size, 0, 0, *size], dtype=pooled.dtype, device=pooled.device)
        return {"text_embeds": pooled, "time_ids": ids.expand(len(embeddings), -1)}


def family_of(pipeline: Any) -> Family:
    """The family a diffusers pipeline belongs to, judged by its parts, not by its class name.

    Raises:
        ValueError: a kind of model that is not supported, named with the reason.
    """
    name = type(pipeline).__name__
    parts = getattr(pipeline, "components", {})
    if "unet" not in parts or "vae" not in parts:
        message = f"{name} has no UNet and VAE: supported are Stable Diffusion 1.x, 2.x, SD-Turbo and SDXL"
        raise ValueError(message)
    config = pipeline.unet.config
    latent = int(getattr(pipeline.vae.config, "latent_channels", 4))
    if config.in_channels != latent:
        channels = f"its UNet takes {config.in_channels} channels, not the VAE's {latent}"
        message = f"{name}: {channels}: inpainting and editing models are not supported"
        raise ValueError(message)
    if getattr(config, "time_cond_proj_dim", None):
        message = (
            f"{name} is guidance-distilled (LCM): guidance is an input of its network, which is not supported"
        )
        raise ValueError(message)
    if "text_encoder_2" in parts:
        if parts["text_encoder"] is None:
            message = f"{name} is an SDXL refiner, which cannot start from noise: load the base model"
            raise ValueError(message)
        return StableDiffusionXL(pipeline)
    return StableDiffusion(pipeline)
