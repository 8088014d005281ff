"""Z-Image and Z-Image-Turbo: one stream of text and picture tokens, with a language model's states as text."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding
from guidewidgets.engine.families.tokens import chat
from guidewidgets.engine.families.transformer import TEXT_TOKENS, Transformer

BLOCK = 32  # tokens


@final
class ZImage(Transformer):
    """Z-Image (Tongyi 2025, arXiv 2511.22699). A guidance of s here is the pipeline's guidance_scale s - 1."""

    defaults = (50, 6.0)
    few = (9, 1.0)
    ragged = True
    text_tokens = TEXT_TOKENS
    attends = r"^layers\b.*\battention$"

    def hidden(self) -> int:
        """See `Transformer.hidden`."""
        return int(self.config.dim)

    def framed(self, text: str) -> str:
        """See `Family.framed`."""
        return chat(self.pipeline.tokenizer, text, enable_thinking=True)

    def text_at(self, places: int) -> int:
        """See `Family.text_at`; after the picture, which is filled up to whole blocks."""
        return places + -places % BLOCK

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer but one, as many as the text has tokens."""
        del empty
        (states,), _ = self.encoded(text, do_classifier_free_guidance=False)
        return TextEmbedding(states)

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`; the network says x_0 - ε, of time that runs from 0 to 1."""
        del size
        time = (1000 - torch.full((len(x),), t, device=x.device)) / 1000
        answer = self.module(
            list(x.unsqueeze(2)), time, [e.states.to(x) for e in embeddings], return_dict=False
        )[0]
        return -torch.stack(answer).squeeze(2)
