"""The film of an optimisation, small enough to go with its candidate: a dozen frames side by side, as text."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence

from PIL import Image

FRAMES = 12
SIDE = 48  # pixels
MOST = 64_000  # characters
PREFIX = "data:image/jpeg;base64,"
_TEXT = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+")


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
