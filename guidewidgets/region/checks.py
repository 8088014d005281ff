"""Numbers that regions are made of: checked one by one, each refused in one line."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidewidgets.arguments import as_list, as_plain, shown

Point = tuple[float, float]
Mask = NDArray[np.bool_]

MAX_POINTS = 4096


def centres(n: int) -> NDArray[np.float64]:
    """The pixel centres along one side, in [0, 1]."""
    return (np.arange(n) + 0.5) / n


def pixel(point: Point, height: int, width: int) -> tuple[int, int]:
    """(row, column) of the pixel a point lies in; the right and lower edges belong to the last pixel."""
    u, v = point
    return min(int(v * height), height - 1), min(int(u * width), width - 1)


def checked(name: str, value: object, highest: float) -> float:
    """A number from 0 to `highest`."""
    value = as_plain(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is a number, got {value!r:.40}")
    number = float(value)
    if not 0 <= number <= highest:  # refuses nan too
        raise ValueError(f"{name} is {number:g}, outside [0, {highest:g}]")
    return number


def sequence(value: object, length: int) -> tuple[Any, ...]:
    """What is a list or tuple of this length."""
    given = as_list(value)
    if given is None or len(given) != length:
        raise ValueError(f"expected {length} numbers, got {shown(value)}")
    return tuple(given)


def checked_point(value: object) -> Point:
    """A point in the unit square."""
    x, y = sequence(value, 2)
    return checked("x", x, 1.0), checked("y", y, 1.0)


def check_count(name: str, values: tuple[Any, ...], fewest: int) -> None:
    """Whether there are neither too few nor too many."""
    if not fewest <= len(values) <= MAX_POINTS:
        raise ValueError(f"a region has {fewest} to {MAX_POINTS} {name}, got {len(values)}")
