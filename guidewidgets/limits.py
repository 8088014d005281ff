"""What a value may be, by kind: the same check wherever it is set by hand and wherever it is read from a file.

A check gives the value in its one normal form, which JSON keeps, or raises one line that names it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from guidewidgets.arguments import as_float, as_int, as_list, check_length, check_readable, shown
from guidewidgets.prompt import Prompt

MAX_SEED: Final = 2**256
MAX_CANDIDATES: Final = 1_000_000
"""In a session, and so in a job."""
MAX_PARENTS: Final = 10_000
"""That one operator takes."""
LIMIT: Final = 1000
"""Candidates of one job, unless more are asked for."""
MAX_PIXELS: Final = 1 << 25
"""Of one picture: 8192 × 4096 take 130 MB, twice while they are decoded."""


class Kind(ABC):
    """What a value may be."""

    @abstractmethod
    def check(self, name: str, value: Any) -> Any:
        """The value in its normal form.

        Raises:
            TypeError, ValueError: it is of another kind, or out of range; one line names it.
        """

    def plain(self, value: Any) -> Any:
        """A checked value as JSON data, which `check` takes back."""
        return value


@final
@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number from `least` to `most`."""

    least: int
    most: int

    def check(self, name: str, value: Any) -> int:
        """See `Kind.check`."""
        return as_int(name, value, self.least, self.most)


@final
@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A finite number from `least` to `most`."""

    least: float
    most: float

    def check(self, name: str, value: Any) -> float:
        """See `Kind.check`."""
        return as_float(name, value, self.least, self.most)


@final
@dataclass(frozen=True, slots=True)
class Text(Kind):
    """A text of at most `most` characters, or None."""

    most: int

    def check(self, name: str, value: Any) -> str | None:
        """See `Kind.check`."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"{name}={shown(value)}: expected text or None")
        check_length(name, value, self.most)
        check_readable(name, value)
        return str(value)


@final
@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a few words."""

    options: tuple[str, ...]

    def check(self, name: str, value: Any) -> str:
        """See `Kind.check`."""
        if not isinstance(value, str) or value not in self.options:
            message = f"{name}={shown(value)}: expected one of {', '.join(self.options)}"
            raise (ValueError if isinstance(value, str) else TypeError)(message)
        return str(value)


_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@final
@dataclass(frozen=True, slots=True)
class Word(Kind):
    """A name of ours: a small letter, then at most 39 small letters, digits, hyphens and underscores."""

    def check(self, name: str, value: Any) -> str:
        """See `Kind.check`."""
        if not isinstance(value, str):
            raise TypeError(f"{name}={shown(value)}: expected a name")
        if not _NAME.fullmatch(value):
            expected = "a small letter a-z, then only small letters, digits, hyphens and underscores, 40 in all at most"
            raise ValueError(f"{name}={shown(value)}: expected {expected}")
        return str(value)


@final
@dataclass(frozen=True, slots=True)
class Numbers(Kind):
    """Finite numbers by name, at most `most` of them; None is none."""

    most: int

    def check(self, name: str, value: Any) -> dict[str, float]:
        """See `Kind.check`."""
        given = {} if value is None else value
        if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
            message = f"{name}={shown(value)}: expected None or a dict such as {{'steps': 4, 'size': 0.1}}"
            raise TypeError(message)
        if len(given) > self.most:
            raise ValueError(f"{name} has {len(given)} numbers: expected at most {self.most}")
        for key in given:
            check_length(f"a name in {name}", key, 100)
            check_readable(f"name in {name}", key)
        return {str(key): as_float(f"{name}'s {key}", one, -1e9, 1e9) for key, one in given.items()}

    def plain(self, value: Mapping[str, float]) -> dict[str, float]:
        """See `Kind.plain`."""
        return dict(value)


@final
@dataclass(frozen=True, slots=True)
class Size(Kind):
    """(width, height) in pixels, each from 1 to `most`, at most `MAX_PIXELS` in all."""

    most: int

    def check(self, name: str, value: Any) -> tuple[int, int]:
        """See `Kind.check`."""
        sides = as_list(value)
        try:
            width, height = (as_int(name, side, 1, self.most) for side in sides or ())
        except (TypeError, ValueError):
            message = f"{name}={shown(value)}: expected (width, height) in pixels, such as (512, 512)"
            raise (TypeError if sides is None else ValueError)(message) from None
        if width * height > MAX_PIXELS:
            raise ValueError(f"{name}={shown(value)}: expected at most {MAX_PIXELS:,} pixels")
        return width, height

    def plain(self, value: tuple[int, int]) -> list[int]:
        """See `Kind.plain`."""
        return list(value)


@final
@dataclass(frozen=True, slots=True)
class Language(Kind):
    """A prompt, or text that is parsed, of at most `most` characters when written out."""

    most: int

    def check(self, name: str, value: Any) -> Prompt:
        """See `Kind.check`; PromptError where it cannot be parsed."""
        if isinstance(value, str):
            check_length(name, value, self.most)
            value = Prompt.parse(value)
        if not isinstance(value, Prompt):
            raise TypeError(f"{name}={shown(value)}: expected text or a Prompt")
        text = str(value)
        check_length(name, text, self.most)
        check_readable("concept", text)
        return value

    def plain(self, value: Prompt) -> str:
        """See `Kind.plain`."""
        return str(value)
