"""AuraFlow: a transformer on flow matching, with the states of T5's kin UMT5 as text."""

from __future__ import annotations

import math
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding, stack
from guidewidgets.engine.families.tokens import tokenizing
from guidewidgets.engine.families.transformer import Transformer

TEXT_TOKENS = 256


@final
class AuraFlow(Transformer):
    """AuraFlow (fal 2024)."""

    from_steps = False
    defaults = (50, 3.5)

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        self.longest = math.isqrt(int(self.config.pos_embed_max_size)) * self.unit

    def longest_text(self) -> int | None:
        """The rest is cut off."""
        return TEXT_TOKENS

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer, zero beyond the text."""
        del empty
        self.tokens.check(text)
        with tokenizing:
            states, *_ = self.pipeline.encode_prompt(
                text,
                do_classifier_free_guidance=False,
                device=self.text_device,
                max_sequence_length=TEXT_TOKENS,
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
