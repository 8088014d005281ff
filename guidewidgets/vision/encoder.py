"""CLIP-like dual encoders: images and texts to vectors that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.engine.check import check_readable
from guidewidgets.engine.half import half_call

MEAN = (0.48145466, 0.4578275, 0.40821073)  # CLIP's own statistics, also of most models trained after it
STD = (0.26862954, 0.26130258, 0.27577711)


@final
class ClipEncoder:
    """A `transformers.CLIPModel`, a SigLIP model or one of open_clip, with its tokenizer, weights frozen."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
    ) -> None:
        """Take a model; without statistics of its pictures' colours they are those of its kind."""
        self.model = model.eval().requires_grad_(False)  # noqa: FBT003 - torch's own signature
        self.tokenizer = tokenizer
        self.size = int(model.config.vision_config.image_size)
        # SigLIP was trained on texts padded to the full length, and on pictures in [-1, 1].
        self._siglip = str(getattr(model.config, "model_type", "")).startswith("siglip")
        self.squeezed = self._siglip or getattr(model.config, "resize_mode", "") == "squash"
        mean, std = (
            mean or ((0.5,) * 3 if self._siglip else MEAN),
            std or ((0.5,) * 3 if self._siglip else STD),
        )
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

    @classmethod
    def open_clip(cls, name: str, pretrained: str | Path) -> ClipEncoder:
        """Open a model of open_clip, such as ("ViT-bigG-14", "laion2b_s39b_b160k") or ("ViT-H-14", "HPS_v2.1.pt").

        Args:
            name: of the architecture.
            pretrained: tag of the weights, or a file; a file is read without running anything in it.

        Raises:
            ImportError: open_clip is not installed.
            ValueError: it cannot be opened.
        """
        from guidewidgets.vision.open_clip import load

        return cls(*load(name, pretrained))

    def texts(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of texts, (k, D).

        Raises:
            ValueError: a text is longer than the encoder reads, or no valid text.
        """
        for text in texts:
            check_readable("text", text)
        limit = int(self.model.config.text_config.max_position_embeddings)
        padding = {"padding": "max_length", "max_length": limit} if self._siglip else {"padding": True}
        tokens = self.tokenizer(list(texts), return_tensors="pt", **padding)
        if tokens.input_ids.shape[1] > limit:
            message = f"a text has {tokens.input_ids.shape[1]} tokens, the encoder reads {limit}: shorten it"
            raise ValueError(message)
        # SigLIP reads its padding too: a mask, which some tokenizers give, would hide it.
        given = {"input_ids": tokens.input_ids} if self._siglip else dict(tokens)
        with torch.no_grad():
            found = self.model.get_text_features(**{k: v.to(self.model.device) for k, v in given.items()})
        return F.normalize(vectors(found), dim=-1)

    def images(self, images: Tensor) -> Tensor:
        """Unit vectors of images (n, 3, H, W) in [0, 1], (n, D); differentiable."""
        model = self.model
        seen = half_call(self.features, self._prepared(images).to(model.device), model.dtype)
        return F.normalize(seen, dim=-1).to(images)

    def prepare(self, images: Tensor) -> Tensor:
        """Images (n, 3, H, W) in [0, 1] as the model takes them, (n, 3, size, size); differentiable.

        As the model was trained: CLIP sees the middle of a picture, SigLIP the whole, squeezed to a square.
        """
        return self._prepared(images).to(self.model.device, self.model.dtype)

    def _prepared(self, images: Tensor) -> Tensor:
        sized = squeezed(images, self.size) if self.squeezed else cropped(images, self.size)
        return (sized - self._mean.to(images)) / self._std.to(images)

    def features(self, pixels: Tensor) -> Tensor:
        """Vectors of prepared images, not of unit length, (n, D)."""
        return vectors(self.model.get_image_features(pixel_values=pixels))


def vectors(features: Any) -> Tensor:
    """What `get_image_features` and its twin found: transformers 5 answers with an object, 4 with the tensor."""
    return features if isinstance(features, Tensor) else features.pooler_output


def squeezed(images: Tensor, side: int) -> Tensor:
    """Images (n, 3, H, W) brought to a square, (n, 3, side, side); differentiable."""
    return F.interpolate(images, size=(side, side), mode="bicubic", antialias=True, align_corners=False)


def cropped(images: Tensor, side: int) -> Tensor:
    """The middle square of images (n, 3, H, W), as CLIP's own code sizes and crops it; differentiable."""
    # The longer side is cut down to whole pixels and cropped from the left and top.
    sides = images.shape[-2:]
    rows, columns = (side * s // min(sides) for s in sides)
    sized = F.interpolate(images, size=(rows, columns), mode="bicubic", antialias=True, align_corners=False)
    top, left = (rows - side) // 2, (columns - side) // 2
    return sized[..., top : top + side, left : left + side]
