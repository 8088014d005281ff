"""Stable Diffusion 3 and 3.5: a transformer on flow matching, with two CLIP text encoders and perhaps T5."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding, pooled, stack
from guidewidgets.engine.families.tokens import Reading, Tokens
from guidewidgets.engine.families.transformer import Transformer


@final
class StableDiffusion3(Transformer):
    """SD3 and SD3.5 (Esser et al. 2024, arXiv 2403.03206)."""

    from_steps = False
    defaults = (28, 7.0)

    def __init__(self, pipeline: Any) -> None:
        if pipeline.text_encoder_3 is not None:  # T5 reads on where CLIP stops
            self.reader, self.text_tokens = "tokenizer_3", 256
        super().__init__(pipeline)
        self.longest = int(self.config.pos_embed_max_size) * self.unit

    def readings(self, text: str) -> tuple[Reading, ...]:
        """See `Family.readings`; CLIP's, and T5's where it is there."""
        first = int(self.pipeline.tokenizer_max_length)
        clip = Reading(Tokens(self.pipeline.tokenizer), text, 0, first)
        return (clip, Reading(self.tokens, text, first)) if self.pipeline.text_encoder_3 else (clip,)

    def text_at(self, places: int) -> int:
        """See `Family.text_at`; after the picture."""
        return places

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the CLIP encoders side by side, T5's after them."""
        del empty
        states, _, summary, _ = self.encoded(text, text, text, do_classifier_free_guidance=False)
        return TextEmbedding(states[0], summary[0])

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        return self.module(
            hidden_states=x,
            timestep=torch.full((len(x),), t, device=x.device),
            encoder_hidden_states=stack(embeddings, x)[0],
            pooled_projections=pooled(embeddings, x),
            return_dict=False,
        )[0]
