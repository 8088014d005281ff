"""AuraFlow: a transformer on flow matching, with the states of T5's kin UMT5 as text."""

from __future__ import annotations

import math
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding, stack
from guidewidgets.engine.families.transformer import Transformer


@final
class AuraFlow(Transformer):
    """AuraFlow (fal 2024)."""

    from_steps = False
    text_tokens = 256
    defaults = (50, 3.5)

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        self.longest = math.isqrt(int(self.config.pos_embed_max_size)) * self.unit

    def text_at(self, places: int) -> int:
        """See `Family.text_at`; after the registers."""
        del places
        return int(self.module.register_tokens.shape[1])

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer, zero beyond the text."""
        del empty
        states, *_ = self.encoded(
            text, do_classifier_free_guidance=False, max_sequence_length=self.text_tokens
        )
        return TextEmbedding(states[0])

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        return self.module(
            x,
            encoder_hidden_states=stack(embeddings, x)[0],
            timestep=torch.full((len(x),), t / 1000, dtype=x.dtype, device=x.device),
            return_dict=False,
        )[0]
