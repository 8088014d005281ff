"""Reading what strangers wrote: JSON and its fields, checked in size and kind before anything is made of them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from guidewidgets.arguments import check_length, check_readable

MAX_JSON = 16 << 20
MAX_WHOLE = 2**63 - 1


class SessionFileError(ValueError):
    """A session, picture or latent file that cannot be read; one line says why."""


def bad(what: str) -> SessionFileError:
    """The error to raise, with one line, however odd the things it quotes."""
    return SessionFileError("".join(c if c.isprintable() else " " for c in what)[:400])


def parse_json(text: str | bytes, what: str, most: int = MAX_JSON) -> dict[str, Any]:
    """A JSON object without NaN and infinities.

    Args:
        text: from anywhere.
        what: names it in errors.
        most: bytes or characters it may have.

    Raises:
        SessionFileError: it is too large, no JSON, or no object.
    """
    if len(text) > most:
        raise bad(f"{what} has {len(text):,} bytes: at most {most:,} are read")
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except SessionFileError:
        raise
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise bad(f"{what} is no JSON: {type(error).__name__} {str(error)[:80]}") from error
    if not isinstance(data, dict):
        raise bad(f"{what} is no JSON object")
    return data  # pyright: ignore[reportUnknownVariableType] - the fields are read one by one


def _no_constant(name: str) -> float:
    raise bad(f"{name} among the numbers")


def dump_json(data: Mapping[str, Any]) -> str:
    """JSON as `parse_json` takes it; ValueError for NaN, half characters, and more than it reads."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    check_readable("data", text)
    check_length("what is to be kept at once", text, MAX_JSON)
    return text


def field(data: Mapping[str, Any], name: str, kind: type[Any] | tuple[type[Any], ...]) -> Any:
    """One field of a kind; bool is no int."""
    value = data.get(name)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(k.__name__ for k in kinds)
        raise bad(f"{name} is {value!r:.40}: expected {names}")
    return value


def whole(data: Mapping[str, Any], name: str, least: int = 0, most: int = MAX_WHOLE) -> int:
    """An int in [least, most]."""
    value: int = field(data, name, int)
    if not least <= value <= most:
        shown = str(value) if abs(value) <= MAX_WHOLE else "huge"
        raise bad(f"{name} is {shown}: expected {least} to {most}")
    return value


def number(data: Mapping[str, Any], name: str, least: float = -1e9, most: float = 1e9) -> float:
    """A finite float in [least, most]."""
    value = field(data, name, (int, float))
    if not least <= value <= most or not math.isfinite(value):
        raise bad(f"{name} is out of range: expected {least:g} to {most:g}")
    return float(value)


def text(data: Mapping[str, Any], name: str, most: int = 1000) -> str:
    """A text of at most `most` characters."""
    value: str = field(data, name, str)
    if len(value) > most:
        raise bad(f"{name} has {len(value):,} characters: expected at most {most:,}")
    return value


def items(data: Mapping[str, Any], name: str, most: int) -> list[Any]:
    """A list of at most `most` entries."""
    value: list[Any] = field(data, name, list)
    if len(value) > most:
        raise bad(f"{name} has {len(value):,} entries: expected at most {most:,}")
    return value
