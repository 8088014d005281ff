"""Chroma: FLUX.1's transformer without its pooled text and embedded guidance, with T5's states as text."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding, stack
from guidewidgets.engine.families.tokens import tokenizing
from guidewidgets.engine.families.transformer import Transformer, pack, places, unpack

T5_TOKENS = 512


@final
class Chroma(Transformer):
    """Chroma (Lodestone Rock 2025), which can be guided like any other."""

    defaults = (35, 5.0)

    def channels(self) -> int:
        """Four of the network's are one of the latent's."""
        return int(self.config.in_channels) // 4

    def longest_text(self) -> int | None:
        """As many as T5 is asked for."""
        return T5_TOKENS

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """T5's states, of which the text and one mark of padding count."""
        del empty
        self.tokens.check(text)
        with tokenizing:
            states, _, mask, *_ = self.pipeline.encode_prompt(
                text,
                device=self.text_device,
                do_classifier_free_guidance=False,
                max_sequence_length=T5_TOKENS,
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
