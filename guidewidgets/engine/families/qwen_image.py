"""Qwen-Image: a transformer on flow matching, with a language model's states as text and an autoencoder of videos."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Guidance, TextEmbedding, stack
from guidewidgets.engine.families.transformer import TEXT_TOKENS, Packed, pack, rescaled, unpack

EMPTY = " "  # what its makers put in the place of ∅


@final
class QwenImage(Packed):
    """Qwen-Image (2025, arXiv 2508.02324): guidance keeps the length of every patch's prediction."""

    guidance = Guidance.RESCALED
    defaults = (50, 4.0)
    few = (8, 1.0)
    ragged = True
    text_tokens = TEXT_TOKENS
    frames = True

    def framed(self, text: str) -> str:
        """See `Family.framed`."""
        return self.pipeline.prompt_template_encode.format(text)

    def cut(self) -> int:
        """See `Family.cut`."""
        return int(self.pipeline.prompt_template_encode_start_idx)

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer, as many as the text has tokens."""
        states, _ = self.encoded(text or EMPTY if empty else text, max_sequence_length=TEXT_TOKENS)
        return TextEmbedding(states[0])

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        rows, _, height, width = x.shape
        states, mask = stack(embeddings, x)
        same = len({len(e.states) for e in embeddings}) == 1
        answer = self.module(
            hidden_states=pack(x),
            timestep=torch.full((rows,), t, dtype=x.dtype, device=x.device) / 1000,
            encoder_hidden_states=states,
            encoder_hidden_states_mask=None if same else mask,
            img_shapes=[[(1, height // 2, width // 2)]] * rows,
            return_dict=False,
        )[0]
        return unpack(answer, height, width)

    def rescale(self, guided: Tensor, plain: Tensor) -> Tensor:
        """See `Family.rescale`; patch by patch."""
        return unpack(rescaled(pack(guided), pack(plain)), *guided.shape[2:])
