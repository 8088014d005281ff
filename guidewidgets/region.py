"""Areas of an image: points with a radius, a box, a polygon or a bitmap.

A `Region` is the only way an area crosses a module, the wire, the session's store or a prompt (`@` in the
prompt language). It lives in the unit square: x to the right, y down, (0, 0) the image's top left corner, so
that one region serves the latent, the preview and the full image. A point (u, v) is at (u·W - 0.5, v·H - 0.5)
in pixels of an H × W raster, whose pixel (row i, column j) has its centre at ((j + 0.5)/W, (i + 0.5)/H).
"""

from __future__ import annotations

import base64
import binascii
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Mask = NDArray[np.bool_]

MAX_POINTS = 4096
MAX_BITMAP_SIDE = 1024
MAX_RADIUS = 2.0  # reaches from any corner to any other in a wide image


class Region(ABC):
    """An area in the unit square; frozen, hashable, compared by value.

    Made by `Region.points`, `Region.box`, `Region.polygon`, `Region.bitmap` or `Region.from_json`; each
    raises ValueError (or TypeError) with one line naming the value that is wrong.
    """

    @staticmethod
    def points(points: Iterable[Point], radius: float) -> Region:
        """The union of discs around (x, y) points; the radius is a fraction of the image's shorter side."""
        return Discs(tuple(points), radius)

    @staticmethod
    def box(x0: float, y0: float, x1: float, y1: float) -> Region:
        """The rectangle from (x0, y0) to (x1, y1)."""
        return Box(x0, y0, x1, y1)

    @staticmethod
    def polygon(vertices: Iterable[Point]) -> Region:
        """The inside of a closed outline (even-odd rule); the last vertex is joined to the first."""
        return Polygon(tuple(vertices))

    @staticmethod
    def bitmap(mask: NDArray[Any]) -> Region:
        """A painted area: an (h, w) array stretched over the image, True or non-zero inside."""
        bits = np.asarray(mask) != 0
        if bits.ndim != 2 or bits.size == 0:
            raise ValueError(f"a bitmap is a non-empty (h, w) array, got shape {bits.shape}")
        return Bitmap(bits.shape[1], bits.shape[0], np.packbits(bits).tobytes())

    @staticmethod
    def from_json(data: object) -> Region:
        """The region that `to_json` wrote; everything in `data` is checked, so it may come from anywhere."""
        if not isinstance(data, Mapping):
            raise TypeError(f"a region is a JSON object, got {type(data).__name__}")
        fields: dict[Any, Any] = dict(data)
        kind = fields.pop("kind", None)
        keys = _KEYS.get(kind) if isinstance(kind, str) else None
        if keys is None:
            raise ValueError(f"unknown kind of region {kind!r:.40}: expected one of {', '.join(_KEYS)}")
        if set(fields) != keys:
            raise ValueError(
                f"a region of kind {kind!r} has {sorted(keys)}, got {sorted(map(str, fields))!s:.100}"
            )
        match kind:
            case "points":
                return Discs(_points(fields["points"]), fields["radius"])
            case "box":
                return Box(*_sequence(fields["box"], 4))
            case "polygon":
                return Polygon(_points(fields["points"]))
            case _:
                return Bitmap(fields["width"], fields["height"], _bits(fields["bits"]))

    def __and__(self, other: Region) -> Region | None:
        """What both regions cover, None where they are apart: exact for boxes, else on a 256 × 256 raster."""
        if isinstance(self, Box) and isinstance(other, Box):
            x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
            x1, y1 = min(self.x1, other.x1), min(self.y1, other.y1)
            return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
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
            mask[_pixel(self._heart(), height, width)] = True
        return mask


@final
@dataclass(frozen=True)
class Discs(Region):
    """Discs of one radius around some points; every point's own pixel is inside, however small the radius."""

    centres: tuple[Point, ...]
    radius: float

    def __post_init__(self) -> None:
        """Check and normalise the numbers."""
        _check_count("points", self.centres, 1)
        object.__setattr__(self, "centres", tuple(_point(p) for p in self.centres))
        object.__setattr__(self, "radius", _number("radius", self.radius, MAX_RADIUS))
        if self.radius == 0:
            raise ValueError("radius is 0: a disc needs a radius above 0")

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
            mask[_pixel((u, v), height, width)] = True
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
            object.__setattr__(self, name, _number(name, getattr(self, name), 1.0))
        if self.x0 >= self.x1 or self.y0 >= self.y1:
            corners = f"[{self.x0:g}, {self.y0:g}, {self.x1:g}, {self.y1:g}]"
            raise ValueError(
                f"a box is [left, top, right, bottom] with left < right and top < bottom, got {corners}"
            )

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        return {"kind": "box", "box": [self.x0, self.y0, self.x1, self.y1]}

    def _inside(self, height: int, width: int) -> Mask:
        x, y = _centres(width), _centres(height)
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
        _check_count("vertices", self.vertices, 3)
        object.__setattr__(self, "vertices", tuple(_point(p) for p in self.vertices))

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        return {"kind": "polygon", "points": [list(p) for p in self.vertices]}

    def _inside(self, height: int, width: int) -> Mask:
        start = np.array(self.vertices)
        end = np.roll(start, -1, axis=0)
        x, mask = _centres(width), np.zeros((height, width), dtype=np.bool_)
        for row, y in enumerate(_centres(height)):
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

    def to_json(self) -> dict[str, Any]:
        """See `Region.to_json`."""
        bits = base64.b64encode(self.bits).decode("ascii")
        return {"kind": "bitmap", "width": self.width, "height": self.height, "bits": bits}

    def _array(self) -> Mask:
        bits = np.unpackbits(np.frombuffer(self.bits, np.uint8), count=self.width * self.height)
        return bits.astype(np.bool_).reshape(self.height, self.width)

    def _inside(self, height: int, width: int) -> Mask:
        rows = (_centres(height) * self.height).astype(np.intp)
        columns = (_centres(width) * self.width).astype(np.intp)
        return self._array()[np.ix_(rows, columns)]

    def _heart(self) -> Point:
        row, column = np.argwhere(self._array())[0]
        return (column + 0.5) / self.width, (row + 0.5) / self.height


_KEYS: dict[str, set[str]] = {
    "points": {"points", "radius"},
    "box": {"box"},
    "polygon": {"points"},
    "bitmap": {"width", "height", "bits"},
}


def _centres(n: int) -> NDArray[np.float64]:
    """The pixel centres along one side, in [0, 1]."""
    return (np.arange(n) + 0.5) / n


def _pixel(point: Point, height: int, width: int) -> tuple[int, int]:
    """(row, column) of the pixel a point lies in; the right and lower edges belong to the last pixel."""
    u, v = point
    return min(int(v * height), height - 1), min(int(u * width), width - 1)


def _number(name: str, value: object, highest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is a number, got {value!r:.40}")
    number = float(value)
    if not 0 <= number <= highest:  # refuses nan too
        raise ValueError(f"{name} is {number:g}, outside [0, {highest:g}]")
    return number


def _sequence(value: object, length: int) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) != length:
        raise ValueError(f"expected {length} numbers, got {value!r:.60}")
    return tuple(value)


def _point(value: object) -> Point:
    x, y = _sequence(value, 2)
    return _number("x", x, 1.0), _number("y", y, 1.0)


def _points(value: object) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"points are a list of [x, y], got {value!r:.40}")
    return tuple(value)


def _check_count(name: str, values: tuple[Any, ...], fewest: int) -> None:
    if not fewest <= len(values) <= MAX_POINTS:
        raise ValueError(f"a region has {fewest} to {MAX_POINTS} {name}, got {len(values)}")


def _bits(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > MAX_BITMAP_SIDE**2 // 6 + 4:
        raise ValueError("a bitmap's bits are a base64 string of at most one bit per pixel")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a bitmap's bits are base64: {error}") from None
