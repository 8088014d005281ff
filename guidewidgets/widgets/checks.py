"""Checks on single values that come from a page: whatever JSON holds, it fits or is refused in one line."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from guidewidgets.region import MAX_POINTS, Region

MAX_SLOTS: Final = 1_000  # candidates marked at once
MAX_SIDE: Final = 256  # of a painted region, in its own pixels
MAX_INT: Final = 2**53 - 1  # what a browser counts exactly

Check = Callable[[str, object], object]
Checks = tuple[Mapping[str, Check], Mapping[str, Check]]
"""Of a command: arguments it must have, arguments it may have."""

_brief = reprlib.Repr()
_brief.maxlevel = 2


class ProtocolError(ValueError):
    """A message from the page that is not one of ours; the text is one line for its user."""


def shown(value: object) -> str:
    """A value in a few words, whatever it is: deep lists and endless numbers included."""
    try:
        return _brief.repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return f"a huge {type(value).__name__}"


def integer(low: int, high: int) -> Callable[[str, object], int]:
    """A check for whole numbers in ``[low, high]``; true and 3.0 are not whole numbers."""

    def check(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ProtocolError(f"{name} must be a whole number, not {shown(value)}")
        if not low <= value <= high:
            raise ProtocolError(f"{name} must lie between {low} and {high}, not {shown(value)}")
        return value

    return check


def number(low: float, high: float) -> Callable[[str, object], float]:
    """A check for finite numbers in ``[low, high]``."""

    def check(name: str, value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ProtocolError(f"{name} must be a number, not {shown(value)}")
        if not low <= value <= high:  # NaN fails every comparison
            raise ProtocolError(f"{name} must lie between {low:g} and {high:g}, not {shown(value)}")
        if not math.isfinite(value):
            raise ProtocolError(f"{name} must be finite, not {shown(value)}")
        return float(value)

    return check


def text(most: int) -> Callable[[str, object], str]:
    """A check for strings of at most ``most`` characters that can be written as UTF-8."""

    def check(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ProtocolError(f"{name} must be text, not {shown(value)}")
        if len(value) > most:
            raise ProtocolError(f"{name} has {len(value):,} characters; {most:,} are allowed")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ProtocolError(f"{name} holds half a character (a lone surrogate)")
        return value

    return check


def one_of(*choices: str) -> Callable[[str, object], str]:
    """A check for one of a few words."""

    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ProtocolError(f"{name} must be one of {', '.join(choices)}, not {shown(value)}")
        return value

    return check


def boolean(name: str, value: object) -> bool:
    """A check for true and false."""
    if not isinstance(value, bool):
        raise ProtocolError(f"{name} must be true or false, not {shown(value)}")
    return value


def spots(name: str, value: object) -> tuple[tuple[float, float], ...]:
    """A check for a list of spots [x, y] in [0, 1]."""
    if not isinstance(value, list):
        raise ProtocolError(f"{name} must be a list of spots, not {shown(value)}")
    items = cast("list[object]", value)
    if not 1 <= len(items) <= MAX_POINTS:
        raise ProtocolError(f"{name} must hold 1 to {MAX_POINTS} spots, not {len(items)}")
    return tuple(_spot(f"{name}[{i}]", item) for i, item in enumerate(items))


def _spot(name: str, value: object) -> tuple[float, float]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    if len(items) != 2:
        raise ProtocolError(f"{name} must be a spot [x, y], not {shown(value)}")
    check = number(0, 1)
    return check(f"{name}.x", items[0]), check(f"{name}.y", items[1])


def region(name: str, value: object) -> dict[str, Any]:
    """A check for a region as JSON, see `Region.to_json`; a painted one of at most ``MAX_SIDE`` pixels a side."""
    if isinstance(value, dict):
        sides = cast("dict[object, object]", value)
        for side in ("width", "height"):
            if side in sides:
                integer(1, MAX_SIDE)(f"{name}.{side}", sides[side])
    try:
        return Region.from_json(value).to_json()
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise ProtocolError(f"{name}: {first[:150]}") from None


def slots(name: str, value: object) -> tuple[int, ...]:
    """A check for a list of 1 to ``MAX_SLOTS`` candidate numbers."""
    if not isinstance(value, list):
        raise ProtocolError(f"{name} must be a list of candidate numbers, not {shown(value)}")
    items = cast("list[object]", value)
    if not 1 <= len(items) <= MAX_SLOTS:
        raise ProtocolError(f"{name} must hold 1 to {MAX_SLOTS} candidate numbers, not {len(items)}")
    check = integer(0, MAX_INT)
    return tuple(check(f"{name}[{i}]", item) for i, item in enumerate(items))


def fields(
    what: str, value: object, required: Mapping[str, Check], optional: Mapping[str, Check]
) -> dict[str, Any]:
    """Check an object: it has every required field, no other than these, and each passes its check."""
    if not isinstance(value, dict):
        raise ProtocolError(f"{what} must be an object, not {shown(value)}")
    given = cast("dict[object, object]", value)
    for name in given:
        if name not in required and name not in optional:
            raise ProtocolError(f"{what} has no field {shown(name)}")
    for name in required:
        if name not in given:
            raise ProtocolError(f"{what} needs the field {name}")
    checks = {**required, **optional}
    return {str(name): checks[str(name)](str(name), item) for name, item in given.items()}
