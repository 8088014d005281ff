"""Models of open_clip under the names that `ClipEncoder` asks for; an optional dependency, for HPS too."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, final

import torch
from torch import Tensor, nn

from guidewidgets.vision.weights import read_weights


@final
class OpenClip(nn.Module):
    """An open_clip model as transformers would have it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.inner = model
        size = model.visual.image_size
        side = int(size if isinstance(size, int) else size[0])
        length = int(model.context_length)
        self.config = SimpleNamespace(
            model_type="open_clip",
            vision_config=SimpleNamespace(image_size=side),
            text_config=SimpleNamespace(max_position_embeddings=length),
        )

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.inner.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """Of its weights."""
        return next(self.inner.parameters()).dtype

    def get_image_features(self, pixel_values: Tensor) -> Tensor:
        """(n, D)."""
        return self.inner.encode_image(pixel_values)

    def get_text_features(self, input_ids: Tensor) -> Tensor:
        """(k, D)."""
        return self.inner.encode_text(input_ids)


class Tokens(dict[str, Tensor]):
    """What a tokenizer of transformers answers with."""

    @property
    def input_ids(self) -> Tensor:
        """(k, L)."""
        return self["input_ids"]


def load(name: str, pretrained: str | Path) -> tuple[OpenClip, Any, tuple[float, ...], tuple[float, ...]]:
    """Model, tokenizer, and mean and spread of its pictures' colours; see `ClipEncoder.open_clip`."""
    try:
        open_clip: Any = importlib.import_module("open_clip")
    except ImportError as error:
        message = "this needs open_clip: pip install open_clip_torch"
        raise ImportError(message) from error
    file = Path(pretrained).expanduser()
    try:
        model = open_clip.create_model(name, pretrained=None if file.is_file() else str(pretrained))
        if file.is_file():
            model.load_state_dict(read_weights(file))
        words = open_clip.get_tokenizer(name)
    except (RuntimeError, OSError, AssertionError, KeyError) as error:
        message = f"open_clip model {name!r} with {str(pretrained)!r} cannot be opened: {str(error).splitlines()[0]}"
        raise ValueError(message) from error

    def tokenize(texts: list[str], **_: Any) -> Tokens:
        return Tokens(
            input_ids=words(texts)
        )  # which cuts what is too long, so that is looked at by whoever calls

    return OpenClip(model), tokenize, tuple(model.visual.image_mean), tuple(model.visual.image_std)
