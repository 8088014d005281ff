"""Sana: a linear transformer on flow matching, with Gemma's states as text and an autoencoder of factor 32."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from guidewidgets.engine.families.base import TextEmbedding, stack
from guidewidgets.engine.families.transformer import Transformer


class Sana(Transformer):
    """Sana (Xie et al. 2024, arXiv 2410.10629).

    Attributes:
        asked: how else the pipeline is asked for a concept.
    """

    unit = 1
    text_tokens = 300
    attends = r"\battn2$"
    from_steps = False
    defaults = (20, 4.5)
    asked: ClassVar[Mapping[str, Any]] = {"do_classifier_free_guidance": False}

    def __init__(self, pipeline: Any) -> None:
        # What its makers put before every prompt stands in the signature of the pipeline's call.
        call = inspect.signature(type(pipeline).__call__)
        self.instruction = call.parameters["complex_human_instruction"].default
        super().__init__(pipeline)

    def framed(self, text: str) -> str:
        """See `Family.framed`."""
        return "\n".join(self.instruction) + text.lower().strip()

    def cut(self) -> int:
        """All of the instruction's but two; the first state of all is kept besides."""
        return len(self.tokens.of("\n".join(self.instruction))) - 2

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of the last layer; what stands in the place of ∅ goes without the instruction."""
        states, mask, *_ = self.encoded(
            text,
            max_sequence_length=self.text_tokens,
            complex_human_instruction=None if empty else self.instruction,
            **self.asked,
        )
        return TextEmbedding(states[0], mask=mask[0].bool())

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        states, mask = stack(embeddings, x)
        answer = self.module(
            x,
            encoder_hidden_states=states,
            encoder_attention_mask=mask.to(x.dtype),
            timestep=torch.full((len(x),), t, device=x.device) * self.config.timestep_scale,
            return_dict=False,
        )[0]
        return answer[:, : x.shape[1]]
