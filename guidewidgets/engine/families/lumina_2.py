"""Lumina-Image 2.0: one stream of text and picture tokens on flow matching, with Gemma's states as text."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Guidance, TextEmbedding, stack
from guidewidgets.engine.families.transformer import Transformer, rescaled
from guidewidgets.engine.samplers.flow import shift_of

TEXT_TOKENS = 256


@final
class Lumina2(Transformer):
    """Lumina-Image 2.0 (Qin et al. 2025, arXiv 2503.21758): guidance keeps the length of every row of pixels."""

    guidance = Guidance.RESCALED
    defaults = (30, 4.0)
    text_tokens = TEXT_TOKENS
    attends = r"^layers\b.*\battn$"

    def hidden(self) -> int:
        """See `Transformer.hidden`."""
        return int(self.config.hidden_size)

    def framed(self, text: str) -> str:
        """See `Family.framed`; after the system's prompt."""
        return f"{self.pipeline.system_prompt} <Prompt Start> {text}"

    def mu(self, tokens: int, steps: int) -> float:
        """The pipeline takes the number of channels for that of tokens."""
        del tokens, steps
        return shift_of(self.pipeline.scheduler.config, self.channels())

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer but one; what stands in the place of ∅ goes without the system's prompt."""
        answer = self.encoded(
            text,
            negative_prompt=text,
            do_classifier_free_guidance=empty,
            max_sequence_length=TEXT_TOKENS,
        )
        states, mask = answer[2:] if empty else answer[:2]  # of the negative prompt, of the prompt
        return TextEmbedding(states[0], mask=mask[0].bool())

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`; the network says x_0 - ε, of time that runs from 0 to 1."""
        del size
        states, mask = stack(embeddings, x)
        return -self.module(
            hidden_states=x,
            timestep=1 - torch.full((len(x),), t, device=x.device) / 1000,
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
            return_dict=False,
        )[0]

    def rescale(self, guided: Tensor, plain: Tensor) -> Tensor:
        """See `Family.rescale`; along the width, as in the pipeline."""
        return rescaled(guided, plain)
