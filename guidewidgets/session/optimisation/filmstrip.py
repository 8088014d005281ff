"""The film of an optimisation: its frames, and a dozen of them side by side as text, small enough for a candidate."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from guidewidgets.guide.losses import Focus

FRAME_SIDE = 256  # pixels of a frame of the film, at most
QUALITY = 85
FRAMES = 12
SIDE = 48  # pixels
MOST = 64_000  # characters
PREFIX = "data:image/jpeg;base64,"
_TEXT = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class Frame:
    """One step, as the monitor shows it.

    Attributes:
        index: updates made before it.
        loss: of it.
        losses: its parts, weighted, and what is watched beside it.
        jpeg: the picture, small.
        focus: where the loss looked, or None.
    """

    index: int
    loss: float
    losses: Mapping[str, float]
    jpeg: bytes
    focus: Focus | None


def small(pixels: np.ndarray) -> bytes:
    """A picture as JPEG, brought down to the size of a frame."""
    image = Image.fromarray(pixels)
    image.thumbnail((FRAME_SIDE, FRAME_SIDE))
    held = io.BytesIO()
    image.save(held, "JPEG", quality=QUALITY)
    return held.getvalue()


def strip(frames: Sequence[bytes]) -> str:
    """Frames (JPEG) evenly over the whole, first and last among them, as one JPEG in text."""
    chosen = _spread(len(frames), FRAMES)
    film = Image.new("RGB", (SIDE * len(chosen), SIDE))
    for place, index in enumerate(chosen):
        with Image.open(io.BytesIO(frames[index])) as frame:
            film.paste(frame.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS), (place * SIDE, 0))
    held = io.BytesIO()
    film.save(held, "JPEG", quality=75)
    return PREFIX + base64.b64encode(held.getvalue()).decode()


def _spread(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most)})


def film_of(parameters: object) -> str | None:
    """The film among a recipe's parameters, fit for a page; None where there is none, or it is none of ours."""
    text = parameters.get("film") if isinstance(parameters, dict) else None
    return text if isinstance(text, str) and len(text) <= MOST and _TEXT.fullmatch(text) else None
