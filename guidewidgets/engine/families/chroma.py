"""Chroma: FLUX.1's transformer without its pooled text and embedded guidance, with T5's states as text."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding, stack
from guidewidgets.engine.families.transformer import Packed, pack, places, unpack


@final
class Chroma(Packed):
    """Chroma (Lodestone Rock 2025), which can be guided like any other."""

    defaults = (35, 5.0)
    text_tokens = 512

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """T5's states, of which the text and one mark of padding count."""
        del empty
        states, _, mask, *_ = self.encoded(
            text, do_classifier_free_guidance=False, max_sequence_length=self.text_tokens
        )
        return TextEmbedding(states[0], mask=mask[0].bool())

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        rows, _, height, width = x.shape
        states, mask = stack(embeddings, x)
        # As the pipeline gives it: numbers, which attention adds, instead of a mask, which it would obey.
        everywhere = torch.cat([mask, mask.new_ones(rows, height * width // 4)], 1).to(x.dtype)
        answer = self.module(
            hidden_states=pack(x),
            timestep=torch.full((rows,), t, dtype=x.dtype, device=x.device) / 1000,
            encoder_hidden_states=states,
            txt_ids=states.new_zeros(states.shape[1], 3),
            img_ids=places(x, 1, height // 2, width // 2)[0].to(x),
            attention_mask=everywhere,
            return_dict=False,
        )[0]
        return unpack(answer, height, width)
