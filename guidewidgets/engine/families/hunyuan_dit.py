"""HunyuanDiT: a transformer on a schedule of ᾱ, with the states of CLIP and of T5 as text."""

from __future__ import annotations

from typing import Any, final

import torch
from diffusers.models.embeddings import get_2d_rotary_pos_embed
from torch import Tensor
from torch.nn import functional

from guidewidgets.engine.families.base import Family, TextEmbedding, stack
from guidewidgets.engine.families.tokens import Reading, Tokens
from guidewidgets.engine.families.transformer import Transformer
from guidewidgets.engine.samplers.registry import SAMPLERS

BASE = 64  # latent pixels of a side of the pictures that its places were learned on
LARGE = (1024, 1024)  # what the pipeline says of every picture: it was cut from one of this size


@final
class HunyuanDiT(Transformer):
    """HunyuanDiT (Li et al. 2024, arXiv 2405.08748), which reads English and Chinese."""

    attends = r"\battn2$"
    reader = "tokenizer_2"  # T5 reads on where CLIP stops
    text_tokens = 256
    defaults = (50, 5.0)
    samplers = tuple(SAMPLERS)
    schedule = Family.schedule  # no flow

    def readings(self, text: str) -> tuple[Reading, ...]:
        """See `Family.readings`."""
        first = int(self.config.text_len)
        return Reading(Tokens(self.pipeline.tokenizer), text, 0, first), Reading(self.tokens, text, first)

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """States of CLIP, those of T5 after them, both as wide as the wider ones."""
        del empty
        found = [
            self.encoded(text, do_classifier_free_guidance=False, text_encoder_index=i) for i in range(2)
        ]
        width = max(self._widths())
        states = [functional.pad(one[0], (0, width - one.shape[-1])) for one, *_ in found]
        return TextEmbedding(torch.cat(states), mask=torch.cat([mask[0].bool() for *_, mask, _ in found]))

    def _widths(self) -> tuple[int, int]:
        return int(self.config.cross_attention_dim), int(self.config.cross_attention_dim_t5)

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: what the scheduler's config says; the network guesses variances too."""
        states, mask = stack(embeddings, x)
        first, (clip, t5) = int(self.config.text_len), self._widths()
        answer = self.module(
            x,
            torch.full((len(x),), t, dtype=x.dtype, device=x.device),
            encoder_hidden_states=states[:, :first, :clip],
            text_embedding_mask=mask[:, :first],
            encoder_hidden_states_t5=states[:, first:, :t5].contiguous(),
            text_embedding_mask_t5=mask[:, first:],
            image_meta_size=x.new_tensor([*LARGE, *size, 0, 0]).repeat(len(x), 1),
            style=torch.zeros(len(x), dtype=torch.long, device=x.device),
            image_rotary_emb=self._places(x),
            return_dict=False,
        )[0]
        return answer[:, : x.shape[1]]

    def _places(self, x: Tensor) -> Any:
        """Turns of queries and keys by place."""
        # Late: a pipeline's module takes long to import, and transformers has remarks on it.
        from diffusers.pipelines.hunyuandit.pipeline_hunyuandit import get_resize_crop_region_for_grid

        grid = (x.shape[2] // self.unit, x.shape[3] // self.unit)
        cut = get_resize_crop_region_for_grid(grid, BASE // self.unit)
        width = int(self.config.attention_head_dim)
        return get_2d_rotary_pos_embed(width, cut, grid, device=x.device, output_type="pt")
