"""Pictures given by people: files, PIL images, tensors, and the text they are written down as."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from guidewidgets.engine.model.finished import to_pixels

Reference = Tensor | Image.Image | str | Path
MOST_PIXELS = 64_000_000
PREFIX = "data:image/png;base64,"


def as_picture(given: Reference) -> Image.Image:
    """An RGB picture of a tensor (3, H, W) in [0, 1], a PIL image, a file, or the text that `to_text` wrote.

    Raises:
        ValueError: it cannot be read; one line says why.
        TypeError: it is none of these.
    """
    if isinstance(given, Tensor):
        if given.ndim != 3 or given.shape[0] != 3 or not bool(((given >= 0) & (given <= 1)).all()):
            message = f"a reference of shape {tuple(given.shape)}: expected (3, H, W) in [0, 1]"
            raise ValueError(message)
        return Image.fromarray(to_pixels(given[None])[0])
    if isinstance(given, Image.Image):
        return _upright(given)
    if isinstance(given, str) and given.startswith(PREFIX):
        return _read(io.BytesIO(base64.b64decode(given.removeprefix(PREFIX))), "a picture in the text")
    if isinstance(given, (str, Path)):
        file = Path(given).expanduser()
        if not file.is_file():
            message = f"{file.name}: no such file"
            raise ValueError(message)
        return _read(file, file.name)
    message = f"{type(given).__name__}: expected a file, a PIL image or a tensor (3, H, W)"
    raise TypeError(message)


def _read(source: Path | io.BytesIO, name: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is not looked at
            with Image.open(source) as image:
                _check_size(image)
                return _upright(image)
    except Exception as error:  # whatever an odd file makes Pillow say
        message = (
            f"{name} cannot be read as a picture: {next(iter(str(error).splitlines()), type(error).__name__)}"
        )
        raise ValueError(message[:300]) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        message = f"{image.width} × {image.height} pixels are too many"
        raise ValueError(message)


def _upright(image: Image.Image) -> Image.Image:
    """As it is meant to be seen, on white where it is transparent."""
    turned = ImageOps.exif_transpose(image)
    if "A" in turned.getbands() or "transparency" in turned.info:
        turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned.convert("RGBA"))
    return turned.convert("RGB")


def to_text(image: Image.Image) -> str:
    """A picture as text, without loss."""
    held = io.BytesIO()
    image.save(held, "PNG", optimize=True)
    return PREFIX + base64.b64encode(held.getvalue()).decode()


def to_tensor(image: Image.Image) -> Tensor:
    """(3, H, W) in [0, 1]."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).float() / 255


def fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of a picture, cut to the shape of a size (width, height) and brought to it."""
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)
