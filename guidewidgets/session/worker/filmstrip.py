"""How pictures came out of the noise, small enough to keep for each: a few frames side by side, one JPEG of 2 kB."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import final

import numpy as np
from PIL import Image

FRAMES = 8
SIDE = 32  # pixels
QUALITY = 70


@final
class FilmstripRecorder:
    """Collects frames of pictures while they are denoised."""

    def __init__(self) -> None:
        self._frames: dict[int, list[Image.Image]] = {}

    def see(
        self, step: int, steps: int, places: Sequence[int], pixels: Sequence[np.ndarray] | np.ndarray
    ) -> None:
        """Take pictures of a step if it is among those to keep.

        Args:
            step: counted from 1; with it a picture begins anew.
            steps: in all.
            places: which pictures.
            pixels: of each, uint8 (h, w, 3).
        """
        if step in chosen(steps):
            for place, one in zip(places, pixels, strict=True):
                kept = self._frames.get(place, []) if step > 1 else []
                self._frames[place] = [*kept, _small(one)]

    def strip(self, place: int) -> bytes:
        """The frames of one picture, oldest first, as one JPEG; they are forgotten."""
        frames = self._frames.pop(place)
        film = Image.new("RGB", (SIDE * len(frames), SIDE))
        for i, frame in enumerate(frames):
            film.paste(frame, (SIDE * i, 0))
        held = io.BytesIO()
        film.save(held, "JPEG", quality=QUALITY)
        return held.getvalue()


def chosen(steps: int) -> set[int]:
    """Steps to keep: the first, the last, and evenly between them, at most `FRAMES`."""
    count = min(steps, FRAMES)
    return {1 + round(i * (steps - 1) / max(1, count - 1)) for i in range(count)}


def _small(pixels: np.ndarray) -> Image.Image:
    image = Image.fromarray(pixels, "RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    if image.size == (SIDE, SIDE):
        return image
    frame = Image.new("RGB", (SIDE, SIDE), (128, 128, 128))
    scale = SIDE / max(image.size)
    image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), 0)
    frame.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    return frame
