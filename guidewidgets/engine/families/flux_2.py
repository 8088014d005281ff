"""FLUX.2: klein and dev. A transformer on flow matching, with hidden layers of a language model as text."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Guidance, TextEmbedding, stack
from guidewidgets.engine.families.tokens import chat
from guidewidgets.engine.families.transformer import TEXT_TOKENS, Transformer, places


@final
class Flux2(Transformer):
    """FLUX.2 (Black Forest Labs 2025): its latents are the autoencoder's in patches of 2 × 2, standardised."""

    unit = 1
    text_tokens = TEXT_TOKENS
    defaults = (50, 4.0)
    few = (8, 4.0)

    def __init__(self, pipeline: Any) -> None:
        self.marked = not hasattr(pipeline, "system_message")
        super().__init__(pipeline)
        self.guidance = Guidance.EMBEDDED if self.config.guidance_embeds else Guidance.LINEAR
        if pipeline.config.get("is_distilled"):
            self.distilled, self.few = "its pipeline says is_distilled", (4, 1.0)

    def pixels_per_latent(self) -> int:
        """Patches of 2 × 2 of the autoencoder's."""
        return 2 * int(self.pipeline.vae_scale_factor)

    def framed(self, text: str) -> str:
        """See `Family.framed`; dev's chat begins with a system's message."""
        return chat(self.pipeline.tokenizer, text, system=getattr(self.pipeline, "system_message", ""))

    def mu(self, tokens: int, steps: int) -> float:
        """By size and number of steps, as the pipeline fits it: a line each for 10 and for 200 steps."""
        few, many = 8.73809524e-05 * tokens + 1.89833333, 0.00016927 * tokens + 0.45666666
        return many if tokens > 4300 else many + (many - few) / 190 * (steps - 200)

    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """Three hidden layers of the language model side by side."""
        del empty
        states, _ = self.encoded(text)
        return TextEmbedding(states[0])

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: v = ε - x_0."""
        del size
        states = stack(embeddings, x)[0]
        told = states.new_tensor([e.guidance for e in embeddings], dtype=torch.float32)
        answer = self.module(
            hidden_states=x.flatten(2).transpose(1, 2),
            timestep=torch.full((len(x),), t, dtype=x.dtype, device=x.device) / 1000,
            guidance=told if self.guidance is Guidance.EMBEDDED else None,
            encoder_hidden_states=states,
            txt_ids=places(x, 1, 1, 1, states.shape[1]),
            img_ids=places(x, 1, *x.shape[2:], 1),
            return_dict=False,
        )[0]
        return answer.transpose(1, 2).reshape(x.shape)

    def to_vae(self, latents: Tensor) -> Tensor:
        """Undo the batch normalisation, then the patches."""
        mean, std = self._norm(latents)
        return torch.pixel_shuffle(latents * std + mean, 2)

    def from_vae(self, latents: Tensor) -> Tensor:
        """Patches, standardised."""
        patches = torch.pixel_unshuffle(latents, 2)
        mean, std = self._norm(patches)
        return (patches - mean) / std

    def _norm(self, like: Tensor) -> tuple[Tensor, Tensor]:
        vae = self.pipeline.vae
        variance = vae.bn.running_var.to(like) + vae.config.batch_norm_eps
        return vae.bn.running_mean.to(like).view(1, -1, 1, 1), variance.sqrt().view(1, -1, 1, 1)
