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
            # What its pictures were brought to a square by: cropped ("shortest"), or squeezed ("squash").
            resize_mode=dict(getattr(model.visual, "preprocess_cfg", None) or {}).get(
                "resize_mode", "shortest"
            ),
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


LONG = 4096  # tokens that are counted


def uncut(words: Any, texts: list[str], limit: int) -> Tensor:
    """Tokens (k, limit) as open_clip's tokenizers give them; (k, more) where a text has more, which they would cut.

    Args:
        words: texts and `context_length` → tokens (k, context_length), padded at the end.
        texts: to be read.
        limit: tokens that the model reads.
    """
    cut, whole = words(texts, context_length=limit), words(texts, context_length=LONG)
    padding = words([""], context_length=LONG)[0, -1]
    used = int((whole != padding).any(0).nonzero().max()) + 1 if bool((whole != padding).any()) else 0
    if used <= limit and torch.equal(whole[:, :limit], cut):
        return cut
    return whole[:, : max(used, limit + 1)]  # at least: some pad with their end mark


def load(name: str, pretrained: str | Path) -> tuple[OpenClip, Any, tuple[float, ...], tuple[float, ...]]:
    """Model, tokenizer, and mean and spread of its pictures' colours; see `ClipEncoder.open_clip`."""
    try:
        open_clip: Any = importlib.import_module("open_clip")
    except ImportError as error:
        raise ImportError("this needs open_clip: pip install open_clip_torch") from error
    file = Path(pretrained).expanduser()
    try:
        model = open_clip.create_model(name, pretrained=None if file.is_file() else str(pretrained))
        if file.is_file():
            model.load_state_dict(read_weights(file))
        words = open_clip.get_tokenizer(name)
    except (RuntimeError, OSError, AssertionError, KeyError) as error:
        message = f"open_clip model {name!r} with {str(pretrained)!r} cannot be opened: {str(error).splitlines()[0]}"
        raise ValueError(message) from error

    read = OpenClip(model)
    limit = read.config.text_config.max_position_embeddings

    def tokenize(texts: list[str], **_: Any) -> Tokens:
        return Tokens(input_ids=uncut(words, texts, limit))

    return read, tokenize, tuple(model.visual.image_mean), tuple(model.visual.image_std)
