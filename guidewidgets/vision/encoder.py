"""CLIP-like dual encoders: images and texts to vectors that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

MEAN = (0.48145466, 0.4578275, 0.40821073)  # CLIP's own statistics, also of most models trained after it
STD = (0.26862954, 0.26130258, 0.27577711)


@final
class ClipEncoder:
    """A `transformers.CLIPModel` (or SigLIP model of the same methods) with its tokenizer, weights frozen."""

    def __init__(
        self, model: Any, tokenizer: Any, mean: Sequence[float] = MEAN, std: Sequence[float] = STD
    ) -> None:
        self.model = model.eval().requires_grad_(False)  # noqa: FBT003 - torch's own signature
        self.tokenizer = tokenizer
        self.size = int(model.config.vision_config.image_size)
        self._mean, self._std = (torch.tensor(tuple(x)).reshape(3, 1, 1) for x in (mean, std))

    @classmethod
    def load(cls, model: str | Path) -> ClipEncoder:
        """Open a folder or an id on the model hub; safetensors only.

        Raises:
            ValueError: it cannot be opened.
        """
        from transformers import AutoModel, AutoTokenizer

        try:
            return cls(
                AutoModel.from_pretrained(str(model), use_safetensors=True),
                AutoTokenizer.from_pretrained(str(model)),
            )
        except (OSError, ValueError) as error:
            message = f"encoder {str(model)!r} cannot be opened: {str(error).splitlines()[0]}"
            raise ValueError(message) from error

    def texts(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of texts, (k, D).

        Raises:
            ValueError: a text is longer than the encoder reads.
        """
        limit = int(self.model.config.text_config.max_position_embeddings)
        tokens = self.tokenizer(list(texts), padding=True, return_tensors="pt")
        if tokens.input_ids.shape[1] > limit:
            message = f"a text has {tokens.input_ids.shape[1]} tokens, the encoder reads {limit}: shorten it"
            raise ValueError(message)
        with torch.no_grad():
            return _unit(self.model.get_text_features(**tokens.to(self.model.device)))

    def images(self, images: Tensor) -> Tensor:
        """Unit vectors of images (n, 3, H, W) in [0, 1], (n, D); differentiable."""
        sized = F.interpolate(
            images, size=(self.size, self.size), mode="bicubic", antialias=True, align_corners=False
        )
        normal = (sized - self._mean.to(images)) / self._std.to(images)
        return _unit(
            self.model.get_image_features(pixel_values=normal.to(self.model.device, self.model.dtype))
        ).to(images)


def _unit(features: Any) -> Tensor:
    # transformers 5 answers with an object, 4 with the tensor.
    vectors: Tensor = features if isinstance(features, Tensor) else features.pooler_output
    return F.normalize(vectors, dim=-1)
