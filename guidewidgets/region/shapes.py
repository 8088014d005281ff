"""The four kinds of regions: discs, boxes, polygons, bitmaps."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from guidewidgets.region.base import Region
from guidewidgets.region.checks import Mask, Point, centres, check_count, checked, checked_point, pixel

MAX_BITMAP_SIDE = 1024
MAX_RADIUS = 2.0  # reaches from any corner to any other in a wide image


@final
@dataclass(frozen=True)
class Discs(Region):
    """Discs of one radius around some points; every point's own pixel is inside, however small the radius."""

    centres: tuple[Point, ...]
    radius: float

    def __post_init__(self) -> None:
        """Check and normalise the numbers."""
        check_count("points", self.centres, 1)
        object.__setattr__(self, "centres", tuple(checked_point(p) for p in self.centres))
        object.__setattr__(self, "radius", checked("radius", self.radius, MAX_RADIUS))
        if self.radius == 0:
            raise ValueError("radius is 0: a disc needs a radius above 0")

    def __repr__(self) -> str:
        return f"Region.points({list(self.centres)}, {self.radius})"

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        return {"kind": "points", "points": [list(p) for p in self.centres], "radius": self.radius}

    def _inside(self, height: int, width: int) -> Mask:
        mask = np.zeros((height, width), dtype=np.bool_)
        reach = self.radius * min(height, width)
        for u, v in self.centres:
            x, y = u * width - 0.5, v * height - 0.5
            rows = np.arange(max(0, math.floor(y - reach)), min(height, math.ceil(y + reach) + 1))
            columns = np.arange(max(0, math.floor(x - reach)), min(width, math.ceil(x + reach) + 1))
            near = (rows[:, None] - y) ** 2 + (columns[None, :] - x) ** 2 <= reach**2
            mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] |= near
            mask[pixel((u, v), height, width)] = True
        return mask

    def _heart(self) -> Point:
        return self.centres[0]


@final
@dataclass(frozen=True)
class Box(Region):
    """An upright rectangle."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        """Check and normalise the numbers."""
        for name in ("x0", "y0", "x1", "y1"):
            object.__setattr__(self, name, checked(name, getattr(self, name), 1.0))
        if self.x0 >= self.x1 or self.y0 >= self.y1:
            corners = f"[{self.x0:g}, {self.y0:g}, {self.x1:g}, {self.y1:g}]"
            raise ValueError(
                f"a box is [left, top, right, bottom] with left < right and top < bottom, got {corners}"
            )

    def __and__(self, other: Region) -> Region | None:
        """See `Region.__and__`."""
        if not isinstance(other, Box):
            return super().__and__(other)
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        x1, y1 = min(self.x1, other.x1), min(self.y1, other.y1)
        return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def __repr__(self) -> str:
        return f"Region.box({self.x0}, {self.y0}, {self.x1}, {self.y1})"

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        return {"kind": "box", "box": [self.x0, self.y0, self.x1, self.y1]}

    def _inside(self, height: int, width: int) -> Mask:
        x, y = centres(width), centres(height)
        # Half open: two boxes that share an edge share no pixel.
        rows, columns = (self.y0 <= y) & (y < self.y1), (self.x0 <= x) & (x < self.x1)
        return rows[:, None] & columns[None, :]

    def _heart(self) -> Point:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


@final
@dataclass(frozen=True)
class Polygon(Region):
    """The inside of a closed outline, by the even-odd rule."""

    vertices: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Check and normalise the numbers."""
        check_count("vertices", self.vertices, 3)
        object.__setattr__(self, "vertices", tuple(checked_point(p) for p in self.vertices))

    def __repr__(self) -> str:
        return f"Region.polygon({list(self.vertices)})"

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        return {"kind": "polygon", "points": [list(p) for p in self.vertices]}

    def _inside(self, height: int, width: int) -> Mask:
        start = np.array(self.vertices)
        end = np.roll(start, -1, axis=0)
        x, mask = centres(width), np.zeros((height, width), dtype=np.bool_)
        for row, y in enumerate(centres(height)):
            crossing = (start[:, 1] <= y) != (end[:, 1] <= y)
            a, b = start[crossing], end[crossing]
            cuts = np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
            mask[row] = np.searchsorted(cuts, x) % 2 == 1
        return mask

    def _heart(self) -> Point:
        x, y = np.mean(self.vertices, axis=0)
        return float(x), float(y)


@final
@dataclass(frozen=True)
class Bitmap(Region):
    """A painted area: width × height `bits`, row by row, most significant bit first, padded with 0."""

    width: int
    height: int
    bits: bytes

    def __post_init__(self) -> None:
        """Check the size before anything of that size is made."""
        for name, side in (("width", self.width), ("height", self.height)):
            if type(side) is not int or not 1 <= side <= MAX_BITMAP_SIDE:
                raise ValueError(f"a bitmap's {name} is an int from 1 to {MAX_BITMAP_SIDE}, got {side!r:.40}")
        expected = (self.width * self.height + 7) // 8
        if len(self.bits) != expected:
            raise ValueError(
                f"a {self.width} × {self.height} bitmap has {expected} bytes, got {len(self.bits)}"
            )
        if not self._array().any():
            raise ValueError("the bitmap is empty: nothing is painted")

    def __repr__(self) -> str:
        return f"Region.from_json({self.to_json()})"

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        bits = base64.b64encode(self.bits).decode("ascii")
        return {"kind": "bitmap", "width": self.width, "height": self.height, "bits": bits}

    def _array(self) -> Mask:
        bits = np.unpackbits(np.frombuffer(self.bits, np.uint8), count=self.width * self.height)
        return bits.astype(np.bool_).reshape(self.height, self.width)

    def _inside(self, height: int, width: int) -> Mask:
        rows = (centres(height) * self.height).astype(np.intp)
        columns = (centres(width) * self.width).astype(np.intp)
        return self._array()[np.ix_(rows, columns)]

    def _heart(self) -> Point:
        row, column = np.argwhere(self._array())[0]
        return (column + 0.5) / self.width, (row + 0.5) / self.height
