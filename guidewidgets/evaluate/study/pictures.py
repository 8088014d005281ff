"""The pictures of a study: read, known again by their pixels, and spoiled where attention is tested."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from guidewidgets.guide.pictures import as_picture

BLOCKS = 8  # a side, that a spoiled picture is cut into
NOISE = 0.6  # of what is shown of it


def read(name: str, given: object) -> Image.Image:
    """An RGB picture of its own of what somebody lent, which stays as it is.

    Args:
        name: of the picture, for messages.
        given: a PIL image; a file; a candidate; an array or tensor (3, H, W), (1, 3, H, W), (H, W, 3) or (H, W), floats
            in [0, 1] or uint8.

    Raises:
        ValueError: it cannot be read.
        TypeError: it is none of these.
    """
    thing: Any = getattr(given, "image", given)
    if isinstance(thing, np.ndarray):
        thing = torch.tensor(thing)
    if isinstance(thing, Tensor):
        thing = _channels_first(thing)
    try:
        image = as_picture(thing)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{name}: {error}") from error
    image.info = {}  # it may name what made it
    return image


def _channels_first(tensor: Tensor) -> Tensor:
    """(3, H, W) in [0, 1] of the shapes and numbers that are meant so; others as they are, to be refused."""
    one = tensor.detach()[0] if tensor.ndim == 4 and len(tensor) == 1 else tensor.detach()
    if one.ndim == 2:
        one = one.expand(3, *one.shape)
    elif one.ndim == 3 and one.shape[0] != 3 and one.shape[-1] == 3:
        one = one.permute(2, 0, 1)
    return one.float() / 255 if one.dtype == torch.uint8 else one.float()


def fingerprint(image: Image.Image) -> str:
    """SHA-256 of size and pixels."""
    return hashlib.sha256(f"{image.width} {image.height} ".encode() + image.tobytes()).hexdigest()


def spoiled(image: Image.Image, seed: int) -> Image.Image:
    """The picture in the wrong order, under noise: worse than itself whatever is asked, even where it is one colour."""
    pixels, rng = np.asarray(image), np.random.default_rng(seed)
    rows = np.array_split(np.arange(image.height), min(BLOCKS, image.height))
    columns = np.array_split(np.arange(image.width), min(BLOCKS, image.width))
    mixed = pixels[np.concatenate([rows[i] for i in rng.permutation(len(rows))])]
    mixed = mixed[:, np.concatenate([columns[i] for i in rng.permutation(len(columns))])]
    noise = rng.integers(0, 256, pixels.shape)
    return Image.fromarray(np.round((1 - NOISE) * mixed + NOISE * noise).astype(np.uint8))


def equalised(first: Image.Image, second: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Both at the smaller one's size, so that sharpness names nobody; their shapes have to be the same."""
    size = min(first.size, second.size)
    return (
        first if first.size == size else first.resize(size, Image.Resampling.LANCZOS),
        second if second.size == size else second.resize(size, Image.Resampling.LANCZOS),
    )
