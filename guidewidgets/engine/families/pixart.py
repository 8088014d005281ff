"""PixArt-α and -Σ: transformers that predict the noise on a schedule of ᾱ, with T5's states as text."""

from __future__ import annotations

import inspect
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Family, TextEmbedding, stack
from guidewidgets.engine.families.transformer import Transformer
from guidewidgets.engine.samplers.registry import SAMPLERS


@final
class PixArt(Transformer):
    """PixArt-α (Chen et al. 2023, arXiv 2310.00426) and PixArt-Σ (2024, arXiv 2403.04692)."""

    attends = r"\battn2$"
    defaults = (20, 4.5)
    samplers = tuple(SAMPLERS)
    schedule = Family.schedule  # no flow

    def longest_text(self) -> int:
        """As many as the pipeline takes: 120 in α, 300 in Σ."""
        return int(inspect.signature(self.pipeline.encode_prompt).parameters["max_sequence_length"].default)

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """T5's states, and which of them are text."""
        del empty
        states, mask, *_ = self.encoded(text, do_classifier_free_guidance=False)
        return TextEmbedding(states[0], mask=mask[0].bool())

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: ε; the network guesses variances too, which nobody needs."""
        states, mask = stack(embeddings, x)
        answer = self.module(
            x,
            encoder_hidden_states=states,
            encoder_attention_mask=mask.to(x.dtype),
            timestep=torch.full((len(x),), t, device=x.device),
            added_cond_kwargs=self._shape(x, size),
            return_dict=False,
        )[0]
        return answer[:, : x.shape[1]]

    def _shape(self, x: Tensor, size: tuple[int, int]) -> dict[str, Any]:
        """Size and aspect ratio of the pictures, which some of α's models are told."""
        if not self.module.use_additional_conditions:
            return {"resolution": None, "aspect_ratio": None}
        sides = x.new_tensor(size).expand(len(x), 2)
        return {"resolution": sides, "aspect_ratio": sides[:, :1] / sides[:, 1:]}
