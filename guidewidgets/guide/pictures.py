"""Pictures given by people: files, PIL images, tensors, and the text they are written down as."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps
from torch import Tensor

from guidewidgets.engine.model.finished import to_pixels

Reference = Tensor | Image.Image | str | Path
MOST_PIXELS = 64_000_000
BITS, PHOTOMETRIC, WHITE_IS_ZERO = 258, 262, 0  # tags of TIFF
PREFIX = "data:image/png;base64,"


def as_picture(given: Reference) -> Image.Image:
    """An RGB picture of a tensor (3, H, W) in [0, 1], a PIL image, a file, or the text that `to_text` wrote.

    Raises:
        ValueError: it cannot be read; one line says why.
        TypeError: it is none of these.
    """
    if isinstance(given, Tensor):
        if given.ndim != 3 or given.shape[0] != 3 or not bool(((given >= 0) & (given <= 1)).all()):
            raise ValueError(f"a reference of shape {tuple(given.shape)}: expected (3, H, W) in [0, 1]")
        return Image.fromarray(to_pixels(given[None])[0])
    if isinstance(given, Image.Image):
        return _upright(given)
    if isinstance(given, str) and given.startswith(PREFIX):
        return _read(io.BytesIO(base64.b64decode(given.removeprefix(PREFIX))), "a picture in the text")
    if isinstance(given, (str, Path)):
        file = Path(given).expanduser()
        if not file.is_file():
            raise ValueError(f"{file.name}: no such file")
        return _read(file, file.name)
    raise TypeError(f"{type(given).__name__}: expected a file, a PIL image or a tensor (3, H, W)")


def _read(source: Path | io.BytesIO, name: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is not looked at
            with Image.open(source) as image:
                _check_size(image)
                return _upright(image)
    except RangeError as error:
        raise ValueError(f"{name}: {error}") from None
    except Exception as error:  # whatever an odd file makes Pillow say
        message = (
            f"{name} cannot be read as a picture: {next(iter(str(error).splitlines()), type(error).__name__)}"
        )
        raise ValueError(message[:300]) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"{image.width} × {image.height} pixels are too many")


class RangeError(ValueError):
    """The numbers of a picture could mean anything."""


def _upright(image: Image.Image) -> Image.Image:
    """As it is meant to be seen, on white where it is transparent."""
    turned = ImageOps.exif_transpose(image)
    if turned.mode[0] in "IF":
        turned = _in_range(turned, image)
    elif turned.mode == "LAB":  # Pillow itself makes it white
        to_rgb = ImageCms.buildTransform(
            ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
        )
        return to_rgb.apply(turned)
    elif turned.mode == "La":
        turned = turned.convert("LA")
    if "A" in turned.getbands() or "transparency" in turned.info:
        turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned.convert("RGBA"))
    return turned.convert("RGB")


def _in_range(turned: Image.Image, given: Image.Image) -> Image.Image:
    """One channel of 16 or 32 bits as gray of 8, where its range is known: Pillow itself cuts at 255.

    Args:
        turned: what is scaled.
        given: the same as it was opened, which knows its file.

    Raises:
        RangeError: it could be anything.
    """
    values = np.asarray(turned)
    tags: Mapping[int, Any] = getattr(given, "tag_v2", {})  # of TIFF
    if turned.mode == "F":
        if not bool(((values >= 0) & (values <= 1)).all()):
            span = f"{float(values.min()):.4g} to {float(values.max()):.4g}"
            raise RangeError(f"floats of {span} have no range that is known (mode F): scale them to 0 to 1")
        most = 1.0
    elif turned.mode.startswith("I;16"):
        most = 2.0 ** tags.get(BITS, (16,))[0] - 1
    elif given.format in ("PNG", "PPM"):  # which older Pillow opens so, and whose range is 16 bits
        most = 65535.0
    else:
        span = f"{int(values.min())} to {int(values.max())}"
        message = f"whole numbers of {span} have no range that is known (mode I): save them with 8 or 16 bits"
        raise RangeError(message)
    level = np.clip(np.divide(values, most, dtype=np.float32), 0, 1)
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        level = 1 - level
    gray = Image.fromarray((level * 255).round().astype(np.uint8))
    if isinstance(see_through := turned.info.get("transparency"), int):  # a level that PNG names
        gray.putalpha(Image.fromarray(np.where(values == see_through, 0, 255).astype(np.uint8)))
    return gray


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
