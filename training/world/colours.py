"""Named colours: plain backgrounds and tints that keep an object's light and dark."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

COLOURS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (229, 45, 50),
    "orange": (250, 146, 26),
    "yellow": (252, 208, 50),
    "green": (56, 168, 74),
    "cyan": (56, 208, 222),
    "blue": (44, 98, 226),
    "purple": (140, 62, 196),
    "pink": (252, 134, 176),
    "brown": (136, 84, 50),
    "gray": (138, 142, 148),
    "white": (250, 250, 250),
    "black": (34, 34, 40),
}
TINTS: Final = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def tint(sprite: Image.Image, colour: str) -> Image.Image:
    """Recolour a sprite: dark parts to a deep shade of `colour`, middle to itself, light parts near white.

    The sprite's median luminance becomes the middle, otherwise dark sprites come out muddy.

    Args:
        sprite: RGBA image.
        colour: one of `TINTS`.

    Returns:
        RGBA image of the same size and alpha.
    """
    pixels = np.asarray(sprite).astype(np.float32)
    alpha = pixels[..., 3]
    luma = pixels[..., :3] @ _LUMA
    level = np.clip(0.5 + (luma - np.median(luma[alpha > 128])) / 200, 0, 1)[..., None]
    full = np.array(COLOURS[colour], np.float32)
    dark, light = full * 0.3, full * 0.3 + 255 * 0.7
    ramp = np.where(level < 0.5, dark + (full - dark) * level * 2, full + (light - full) * (level * 2 - 1))
    return Image.fromarray(np.dstack([ramp, alpha]).round().astype(np.uint8), "RGBA")
