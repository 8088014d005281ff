"""Regions from JSON that may come from anywhere."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from guidewidgets.region.base import Region
from guidewidgets.region.checks import sequence
from guidewidgets.region.shapes import MAX_BITMAP_SIDE, Bitmap, Box, Discs, Polygon

_KEYS: dict[str, set[str]] = {
    "points": {"points", "radius"},
    "box": {"box"},
    "polygon": {"points"},
    "bitmap": {"width", "height", "bits"},
}


def read(data: object) -> Region:
    """The region that `Region.to_json` wrote.

    Raises:
        ValueError, TypeError: it is none, with one line naming the value that is wrong.
    """
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
            return Box(*sequence(fields["box"], 4))
        case "polygon":
            return Polygon(_points(fields["points"]))
        case _:
            return Bitmap(fields["width"], fields["height"], _bits(fields["bits"]))


def _points(value: object) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"points are a list of [x, y], got {value!r:.40}")
    return tuple(value)


def _bits(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > MAX_BITMAP_SIDE**2 // 6 + 4:
        raise ValueError("a bitmap's bits are a base64 string of at most one bit per pixel")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a bitmap's bits are base64: {error}") from None
