"""What a program says of a picture, before any of it is believed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

MAX_JSON = 4 << 20
"""Letters of one JSON text: graphs with a picture in them may be long, and take twenty times the room once read."""
SIZE = re.compile(
    r"\D{0,2}(\d{1,5})\s*[x×*,]\s*(\d{1,5})\D.*|\D{0,2}(\d{1,5})\s*[x×*,]\s*(\d{1,5})", re.DOTALL
)


@dataclass
class Facts:
    """Settings as a program wrote them, unchecked; None is what it doesn't tell.

    Attributes:
        producer: the program.
        prompt, negative, steps, guidance, sampler, size, seed, model: of whatever kind they were found.
        language: how the prompt is read: "a1111", "ours", or None where AND and NOT are words like others.
        why: reasons for which something is None, by its name.
        more: what else made the picture, a few words each.
        line: all of A1111's last line, for those who write more into it.
    """

    producer: str
    prompt: Any = None
    negative: Any = None
    steps: Any = None
    guidance: Any = None
    sampler: Any = None
    size: tuple[int, int] | None = None
    seed: Any = None
    model: Any = None
    language: str | None = None
    why: dict[str, str] = field(default_factory=dict[str, str])
    more: list[str] = field(default_factory=list[str])
    line: dict[str, str] = field(default_factory=dict[str, str])

    def fill(self, other: Facts) -> None:
        """Take from another text of the same picture what this one doesn't tell; what it tells to be empty stays so."""
        if self.prompt is None:
            self.language = other.language
        for name in (f.name for f in fields(self)):
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))


class Sources:
    """A picture's texts, and those that are JSON.

    Attributes:
        texts: by keyword.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self._read: dict[str, dict[str, Any]] = {}

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON that some programs write where others write lines; {} where it is none."""
        return self.json("parameters")

    def json(self, key: str) -> dict[str, Any]:
        """A text as a JSON object; {} where it is absent or none."""
        if key not in self._read:
            self._read[key] = as_json(self.texts.get(key))
        return self._read[key]

    def broken(self, key: str) -> bool:
        """Whether a text was JSON, and is damaged or too long."""
        return self.texts.get(key, "").lstrip().startswith("{") and not self.json(key)


def as_json(text: Any) -> dict[str, Any]:
    """A JSON object; {} where it is none. NaN, infinities and endless numbers in it are None: only they are lost."""
    if isinstance(text, dict):
        return text  # pyright: ignore[reportUnknownVariableType] - fields are read one by one
    if not isinstance(text, str) or len(text) > MAX_JSON or not text.lstrip().startswith("{"):
        return {}
    try:
        data = json.loads(text, parse_constant=lambda _: None, parse_int=_whole)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= 40 else None


def as_number(value: Any) -> float | None:
    """A finite number, also one that is written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)) > 60:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_size(value: Any, height: Any = None) -> tuple[int, int] | None:
    """(width, height) from two numbers or a text such as "512x768" or "(512, 768)"; None for anything else."""
    if isinstance(value, str) and height is None:
        found = SIZE.fullmatch(value[:60])
        return (int(found[1] or found[3]), int(found[2] or found[4])) if found else None
    width, tall = as_number(value), as_number(height)
    if (
        width is None
        or tall is None
        or not all(1 <= side <= 99_999 and side % 1 == 0 for side in (width, tall))
    ):
        return None
    return int(width), int(tall)


def spaced(name: Any) -> list[str]:
    """How noise levels are spaced, as words for `Facts.more`; here that is the model's own scheduler's affair."""
    plain = name in (None, "") or str(name).lower() in ("automatic", "normal", "native")
    return [] if plain else [f"noise levels spaced as {str(name)[:30]!r}"]


def named(data: Mapping[str, Any], *keys: str) -> list[str]:
    """Those of some keys that something is said under, as words for `Facts.more`."""
    return [
        f"{key} {str(data[key])[:60]}"
        for key in keys
        if data.get(key) not in (None, "", "None", [], {}, False)
    ]
