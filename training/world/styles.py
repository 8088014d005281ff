"""Styles that change the whole picture: float images (H, W, 3) in [0, 1] in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Picture = NDArray[np.float32]
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _blur(image: Picture) -> Picture:
    """Blur with the binomial kernel 1-2-1 in both directions."""
    p = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    p = (p[:-2] + 2 * p[1:-1] + p[2:]) / 4
    return (p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]) / 4


def _edges(image: Picture) -> Picture:
    """Return the strength of edges over all channels, (H, W, 1), 0 in flat areas, about 1 on strong edges."""
    p = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    dx, dy = p[1:-1, 2:] - p[1:-1, :-2], p[2:, 1:-1] - p[:-2, 1:-1]
    return np.clip(1.6 * np.sqrt((dx**2 + dy**2).max(axis=2, keepdims=True)) - 0.08, 0, 1)


def _pixel(image: Picture) -> Picture:
    cell = max(1, image.shape[0] // 16)
    h, w = image.shape[0] // cell, image.shape[1] // cell
    small = image[: h * cell, : w * cell].reshape(h, cell, w, cell, 3).mean(axis=(1, 3))
    return np.kron((small * 7).round() / 7, np.ones((cell, cell, 1), np.float32))


def _mono(image: Picture) -> Picture:
    luma = image @ _LUMA
    return np.repeat(np.clip((luma - 0.5) * 1.15 + 0.5, 0, 1)[..., None], 3, axis=2)


def _sepia(image: Picture) -> Picture:
    dark, light = np.array([0.22, 0.13, 0.06], np.float32), np.array([0.98, 0.9, 0.72], np.float32)
    y, x = np.meshgrid(*[np.linspace(-1, 1, n, dtype=np.float32) for n in image.shape[:2]], indexing="ij")
    vignette = 1 - 0.22 * (x**2 + y**2)
    return (dark + (light - dark) * (image @ _LUMA)[..., None]) * vignette[..., None]


def _sketch(image: Picture) -> Picture:
    shade = 0.86 + 0.12 * (image @ _LUMA)[..., None]
    return np.repeat(np.clip(shade - 0.9 * _edges(image), 0, 1), 3, axis=2)


def _neon(image: Picture) -> Picture:
    soft = _blur(image)
    hue = soft - soft.min(axis=2, keepdims=True) * 0.7
    hue = hue / np.maximum(hue.max(axis=2, keepdims=True), 0.15)
    line = _edges(image)
    glow = _blur(_blur(line * hue))
    return np.clip(np.array([0.04, 0.02, 0.09], np.float32) + 0.9 * line * hue + 0.7 * glow, 0, 1)


def _blueprint(image: Picture) -> Picture:
    paper, ink = np.array([0.1, 0.27, 0.62], np.float32), np.array([0.9, 0.96, 1.0], np.float32)
    line = np.clip(1.2 * _edges(image), 0, 1)
    return paper + (ink - paper) * line


def _watercolor(image: Picture) -> Picture:
    soft = _blur(_blur(image))
    wet = soft + 0.35 * (soft - _blur(_blur(_blur(soft))))  # pigment gathers at the edges
    return np.clip(0.22 + 0.78 * wet, 0, 1) * 0.98


STYLES: Final[dict[str, Callable[[Picture], Picture]]] = {
    "pixel": _pixel,
    "mono": _mono,
    "sepia": _sepia,
    "sketch": _sketch,
    "neon": _neon,
    "blueprint": _blueprint,
    "watercolor": _watercolor,
}
# In these styles colours can no longer be seen, so captions do not name them.
COLOURLESS: Final = frozenset({"mono", "sepia", "sketch", "blueprint", "neon"})
