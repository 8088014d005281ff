"""ImageReward on transformers' BLIP: the text reads the picture, and a head reads the text's first place."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.evaluate.metric import CHUNK, Endless, Pictures, as_images, check, check_still
from guidewidgets.vision.encoder import MEAN as COLOUR_MEAN
from guidewidgets.vision.encoder import STD as COLOUR_STD
from guidewidgets.vision.encoder import cropped
from guidewidgets.vision.scorer import Head, ask

MEAN, STD = 0.16717362830052426, 1.0333394966054072  # of the authors' rewards
TOKENS = 35


@final
class ImageReward(Endless):
    """ImageReward: (head(h) - 0.1672) / 1.0333, where h is the text's first place, that has looked at the picture.

    Xu et al. 2023 (arXiv 2304.05977), as `ImageReward.score` of the authors' package has it: pictures are resized,
    cropped and scaled as CLIP's, prompts padded or cut to 35 tokens, the head is five linear layers without anything
    between them, and mean and deviation are those of its rewards in training. About -2 to 2.

    The authors' file names its weights otherwise than transformers does, and is not opened here. Who has their package,
    image-reward, wraps it in an object with the four names of `Metric` instead.
    """

    name: ClassVar[str] = "ImageReward"
    higher_is_better: ClassVar[bool] = True

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        head: Head | Callable[[Tensor], Tensor],
        mean: float = MEAN,
        std: float = STD,
    ) -> None:
        """Take what has been loaded.

        Args:
            model: BLIP's two halves with ImageReward's weights, a `BlipForImageTextRetrieval`.
            tokenizer: BLIP's.
            head: hidden states (n, D) → rewards (n,) or (n, 1), such as an `AestheticHead` of the layers `mlp.layers`.
            mean: of the rewards.
            std: of the rewards.

        Raises:
            ValueError: it is another model, or is in training mode, or std is not positive.
        """
        if not hasattr(model, "vision_model") or not hasattr(model, "text_encoder"):
            raise ValueError(
                f"ImageReward: {type(model).__name__} is no BlipForImageTextRetrieval of transformers; models of the "
                "package image-reward score themselves: wrap them as a Metric"
            )
        if not 0 < std < math.inf:
            raise ValueError(f"std={std}: expected a positive number")
        check_still(self.name, model, head)
        self.model, self.tokenizer, self.head, self.mean, self.std = model, tokenizer, head, mean, std

    @torch.no_grad()
    def score(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """See `Metric.score`."""
        check(pictures, prompts)
        found = [
            self._rewards(pictures[k : k + CHUNK], prompts[k : k + CHUNK])
            for k in range(0, len(pictures), CHUNK)
        ]
        return np.concatenate([np.zeros(0), *found])

    def _rewards(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        model, side = self.model, int(self.model.config.vision_config.image_size)
        mean, std = (torch.tensor(x).reshape(3, 1, 1) for x in (COLOUR_MEAN, COLOUR_STD))
        pixels = (cropped(as_images(pictures), side) - mean) / std
        seen = model.vision_model(pixel_values=pixels.to(model.device, model.dtype)).last_hidden_state
        words = self.tokenizer(
            list(prompts), padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt"
        ).to(model.device)
        read = model.text_encoder(
            input_ids=words.input_ids,
            attention_mask=words.attention_mask,
            encoder_hidden_states=seen,
            encoder_attention_mask=torch.ones(seen.shape[:-1], dtype=torch.long, device=seen.device),
        ).last_hidden_state
        rewards = ask(self.head, read[:, 0].float()).reshape(len(pictures))
        return ((rewards.double() - self.mean) / self.std).cpu().numpy()
