"""Marks: what the user said of a candidate, and what saying it changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from guidewidgets.arguments import as_list, check_length, check_readable, shown
from guidewidgets.limits import Text
from guidewidgets.region import Region

MAX_NOTE: Final = 500
"""Characters of a note."""
MAX_TAG: Final = 30
"""Characters of a tag."""
MAX_TAGS: Final = 10
"""Of one candidate."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the user said of one candidate. Starred and rejected exclude each other.

    Attributes:
        starred: a favourite.
        rejected: disliked.
        points: clicked spots (x, y) in [0, 1], origin at the top left.
        regions: painted regions.
        note: what was written about it.
        tags: words it is filed under, in the order they were given.
    """

    starred: bool = False
    rejected: bool = False
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """Note and tags on one line: "such ears · keep, print"; empty where there is neither."""
        return " · ".join(filter(None, (" ".join(self.note.split()), ", ".join(self.tags))))


NO_MARKS = Marks()


def starred(marks: Marks, points: tuple[tuple[float, float], ...] | None = None) -> Marks:
    """Marks of a favourite, for these spots; None leaves those it had."""
    return replace(marks, starred=True, rejected=False, points=marks.points if points is None else points)


def rejected(marks: Marks) -> Marks:
    """Marks of a disliked candidate."""
    return replace(marks, starred=False, rejected=True, points=())


def unmarked(marks: Marks) -> Marks:
    """Marks of a candidate that is neither; what was written about it stays."""
    return replace(marks, starred=False, rejected=False, points=())


def noted(marks: Marks, note: str | None, tags: tuple[str, ...] | None) -> Marks:
    """Marks with another note or other tags; None leaves those there were."""
    return replace(
        marks, note=marks.note if note is None else note, tags=marks.tags if tags is None else tags
    )


def as_note(value: object) -> str:
    """A note without the blanks around it. Raises TypeError or ValueError for what is no text, or too long."""
    return (Text(MAX_NOTE).check("note", value) or "").strip()


def as_tags(value: object) -> tuple[str, ...]:
    """Tags as people give them, each once. Raises TypeError or ValueError for what is no list of short words."""
    given = as_list(value)
    if given is None or not all(isinstance(tag, str) for tag in given):
        raise TypeError(f"tags={shown(value)}: expected a list of words, such as ['keep']")
    tags = tuple(dict.fromkeys(filter(None, map(str.strip, given))))
    for tag in tags:
        check_length("a tag", tag, MAX_TAG)
        check_readable("tag", tag)
        if "," in tag or not tag.isprintable():
            raise ValueError(f"tag {shown(tag)}: expected one without commas and line breaks")
    if len(tags) > MAX_TAGS:
        raise ValueError(f"tags={shown(value)}: expected at most {MAX_TAGS} of them")
    return tags
