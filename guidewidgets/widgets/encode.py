"""Pictures to bytes, as small and as fast as their use allows.

Measured (CPU, 256² px): JPEG q90 0.3 ms, lossless WebP at its fastest 2 ms, Pillow's default PNG 18 ms. So
previews and large tiles are JPEG at display size; final pixels are lossless WebP, which also makes "save
image" exact.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

# Sent lossless at once up to that size: it costs less than a millisecond.
from guidewidgets.session.picture.html import SMALL, jpeg, reduced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Encoded:
    """One picture ready to be sent.

    Attributes:
        data: the file's bytes.
        media_type: its MIME type.
        width: of the whole picture in pixels, not of a reduced copy.
        height: likewise.
        exact: these are the final pixels, lossless and full size.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    exact: bool

    def describe(self, slot: int, *, final: bool) -> dict[str, Any]:
        """The JSON that goes with the bytes."""
        return {
            "slot": slot,
            "w": self.width,
            "h": self.height,
            "media_type": self.media_type,
            "final": final,
            "exact": self.exact,
        }


def lossless(image: Image.Image) -> bytes:
    """The picture as lossless WebP with the least effort."""
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, quality=0, method=0, exact=True)
    return out.getvalue()


def preview(pixels: NDArray[np.uint8], size: tuple[int, int], tile_px: int) -> Encoded:
    """A picture still being made, (h, w, 3) uint8, to stand in for one of ``size`` (w, h)."""
    image = reduced(Image.fromarray(pixels, "RGB"), tile_px)
    return Encoded(jpeg(image), "image/jpeg", *size, exact=False)


def final(image: Image.Image, tile_px: int) -> Encoded:
    """A finished picture for its tile: exact where it is small, else a JPEG no larger than it is shown."""
    if max(image.size) <= SMALL:
        return exact(image)
    return Encoded(jpeg(reduced(image, tile_px)), "image/jpeg", *image.size, exact=False)


def exact(image: Image.Image) -> Encoded:
    """A finished picture, every pixel of it."""
    return Encoded(lossless(image), "image/webp", *image.size, exact=True)


def signature(pixels: NDArray[np.uint8]) -> int:
    """A number that changes with the picture: unchanged tiles are not sent again."""
    return zlib.crc32(pixels.tobytes())
