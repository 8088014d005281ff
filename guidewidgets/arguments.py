"""Arguments as people and notebooks give them: whole numbers of any library, lists, arrays and tensors alike.

Each check gives the plain Python value, or raises one line that names the argument and what was expected.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, TypeVar, overload

Amount = TypeVar("Amount", int, float)
MAX_SHOWN = 60


def shown(value: object) -> str:
    """A value as one short line, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # an int with more digits than Python writes
        text = f"a huge {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def plural(n: int, noun: str) -> str:
    """A number and its noun: 1 image, 12 images."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def as_int(name: str, value: object, least: int | None = None, most: int | None = None) -> int:
    """Anything that is a whole number (`operator.index`: numpy's and torch's too) as an int in [least, most].

    Raises:
        TypeError: it is none; True and False are none.
        ValueError: too small or too large.
    """
    try:
        if isinstance(value, bool):
            raise TypeError  # noqa: TRY301 - the one message for what is no number
        number = operator.index(value)  # pyright: ignore[reportArgumentType] - that is the question
    except TypeError:
        raise TypeError(f"{name}={shown(value)}: expected a whole number") from None
    return _within(name, value, number, least, most)


def as_float(name: str, value: object, least: float | None = None, most: float | None = None) -> float:
    """A real number as a finite float in [least, most].

    Raises:
        TypeError: it is none.
        ValueError: too small, too large, infinite or NaN.
    """
    value = as_plain(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}={shown(value)}: expected a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        message = f"{name}={shown(value)}: expected " + (
            "a finite number" if least is None else f"at least {least:g}, and finite"
        )
        raise ValueError(message)
    return _within(name, value, number, least, most)


@overload
def check_number(name: str, value: object, least: int, most: int | None = None) -> int: ...
@overload
def check_number(name: str, value: object, least: float, most: float | None = None) -> float: ...
def check_number(name: str, value: object, least: float, most: float | None = None) -> float:
    """`as_int` where the least value is an int, else `as_float`."""
    if isinstance(least, int):
        return as_int(name, value, least, None if most is None else int(most))
    return as_float(name, value, least, most)


def check_readable(what: str, text: str) -> None:
    """Refuse text that has no bytes.

    Args:
        what: what the text is, for the message.
        text: any string.

    Raises:
        ValueError: it holds a lone surrogate.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = f"the {what} {text[:40]!r} holds half a character (a lone surrogate): it cannot be read"
        raise ValueError(message) from error


def _within(name: str, value: object, number: Amount, least: Amount | None, most: Amount | None) -> Amount:
    if least is not None and number < least:
        raise ValueError(f"{name}={shown(value)}: expected at least {least}")
    if most is not None and number > most:
        raise ValueError(f"{name}={shown(value)}: expected at most {most:,.15g}")
    return number


def check_length(name: str, text: str, most: int) -> None:
    """Refuse text of more than `most` characters: ValueError."""
    if len(text) > most:
        raise ValueError(f"{name} has {len(text):,} characters: expected at most {most:,}")


def as_list(values: object) -> list[Any] | None:
    """What holds several things in order (a list, tuple, range, array or tensor) as a list; None for all else."""
    if isinstance(values, (str, bytes, Mapping)):
        return None
    if hasattr(values, "tolist") and getattr(values, "ndim", 0):
        found: Any = values.tolist()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
        return list(found)
    return list(values) if isinstance(values, Sequence) else None


def as_points(name: str, values: object) -> tuple[tuple[Any, Any], ...]:
    """Pairs (x, y) in a list, an array (k, 2), or anything else one can go through; the numbers are not looked at.

    Raises:
        TypeError, ValueError: they are no pairs.
    """
    given = as_list(values)
    if given is None:
        if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
            raise TypeError(f"{name}={shown(values)}: expected points (x, y), as in [(0.3, 0.7)]")
        given = list(values)
    pairs = [as_list(one) for one in given]
    if wrong := [one for one, pair in zip(given, pairs, strict=True) if pair is None or len(pair) != 2]:
        expected = f"expected points (x, y), as in {name}=[(0.3, 0.7)]"
        raise ValueError(f"{name}={shown(values)}: {shown(wrong[0])} is no point; {expected}")
    return tuple((x, y) for x, y in filter(None, pairs))


def as_plain(value: Any) -> Any:
    """A lone number of an array or tensor, such as `np.int64(3)`, as Python's own; all else as it is."""
    return value if getattr(value, "ndim", 1) else value.tolist()
