"""FLUX.1: schnell, dev, Krea. A transformer on flow matching, with T5 for its tokens and CLIP for one vector."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Guidance, TextEmbedding, pooled, stack
from guidewidgets.engine.families.transformer import Packed, pack, places, unpack


@final
class Flux(Packed):
    """FLUX.1 (Black Forest Labs 2024). dev and its kin are told a guidance scale; schnell needs none.

    Where the scale is told, concepts are composed at s = 1: AND and NOT then mean what the pipeline calls true CFG.
    """

    reader = "tokenizer_2"
    text_tokens = 512

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        self.told = bool(self.config.guidance_embeds)
        self.guidance = Guidance.EMBEDDED if self.told else Guidance.LINEAR
        self.distilled = "" if self.told else "its network takes no guidance, as schnell's"
        self.defaults, self.few = ((28, 3.5), (8, 3.5)) if self.told else ((4, 1.0), (4, 1.0))

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """T5's states, CLIP's pooled vector."""
        del empty
        states, summary, _ = self.encoded(text, text, max_sequence_length=self.text_tokens)
        return TextEmbedding(states[0], summary[0])

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        rows, _, height, width = x.shape
        states = stack(embeddings, x)[0]
        told = [e.guidance for e in embeddings]
        answer = self.module(
            hidden_states=pack(x),
            timestep=torch.full((rows,), t, dtype=x.dtype, device=x.device) / 1000,
            guidance=torch.tensor(told, dtype=torch.float32, device=x.device) if self.told else None,
            pooled_projections=pooled(embeddings, x),
            encoder_hidden_states=states,
            txt_ids=states.new_zeros(states.shape[1], 3),
            img_ids=places(x, 1, height // 2, width // 2)[0].to(x),
            return_dict=False,
        )[0]
        return unpack(answer, height, width)
