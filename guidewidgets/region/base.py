"""What every region can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidewidgets.arguments import as_points
from guidewidgets.region.checks import Mask, Point, pixel


class Region(ABC):
    """An area in the unit square; frozen, hashable, compared by value; written as the call that makes it.

    Made by `Region.points`, `Region.box`, `Region.polygon`, `Region.bitmap` or `Region.from_json`; each
    raises ValueError (or TypeError) with one line naming the value that is wrong.
    """

    @staticmethod
    def points(points: Iterable[Point], radius: float) -> Region:
        """The union of discs around (x, y) points; the radius is a fraction of the image's shorter side."""
        return _shapes().Discs(as_points("points", points), radius)

    @staticmethod
    def box(x0: float, y0: float, x1: float, y1: float) -> Region:
        """The rectangle from (x0, y0) to (x1, y1)."""
        return _shapes().Box(x0, y0, x1, y1)

    @staticmethod
    def polygon(vertices: Iterable[Point]) -> Region:
        """The inside of a closed outline (even-odd rule); the last vertex is joined to the first."""
        return _shapes().Polygon(as_points("vertices", vertices))

    @staticmethod
    def bitmap(mask: NDArray[Any]) -> Region:
        """A painted area: an (h, w) array stretched over the image, True or non-zero inside; each side at most 1024."""
        bits = np.asarray(mask) != 0
        if bits.ndim != 2 or bits.size == 0:
            raise ValueError(f"a bitmap is a non-empty (h, w) array, got shape {bits.shape}")
        return _shapes().Bitmap(bits.shape[1], bits.shape[0], np.packbits(bits).tobytes())

    @staticmethod
    def from_json(data: object) -> Region:
        """The region that `to_json` wrote; everything in `data` is checked, so it may come from anywhere."""
        from guidewidgets.region.read import read

        return read(data)

    def __and__(self, other: Region) -> Region | None:
        """What both regions cover, None where they are apart: exact for two boxes, else on a 256 × 256 raster."""
        mask = self.mask(256, 256) & other.mask(256, 256)
        return Region.bitmap(mask) if mask.any() else None

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The region as plain JSON data, for `from_json`."""

    @abstractmethod
    def _inside(self, height: int, width: int) -> Mask:
        """Which pixel centres of an H × W raster lie inside."""

    @abstractmethod
    def _heart(self) -> Point:
        """The point that stands for a region too small to hold a pixel's centre."""

    def mask(self, height: int, width: int) -> Mask:
        """The region on a raster.

        Args:
            height: rows of the raster (of the latent or of the image), at least 1.
            width: columns of the raster, at least 1.

        Returns:
            (height, width) bool, True where the pixel's centre is inside. Never empty: a region between the
            pixel centres gets the pixel its middle lies in.
        """
        if height < 1 or width < 1:
            raise ValueError(f"a mask has at least one pixel, got {height} × {width}")
        mask = self._inside(height, width)
        if not mask.any():
            mask[pixel(self._heart(), height, width)] = True
        return mask


def _shapes() -> Any:
    """The kinds of regions, which are made of the class here."""
    from guidewidgets.region import shapes

    return shapes
