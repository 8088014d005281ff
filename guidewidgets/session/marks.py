"""Marks: what the user said of a candidate, and what saying it changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from guidewidgets.region import Region


@dataclass(frozen=True, slots=True)
class Marks:
    """What the user said of one candidate. Starred and rejected exclude each other.

    Attributes:
        starred: a favourite.
        rejected: disliked.
        points: clicked spots (x, y) in [0, 1], origin at the top left.
        regions: painted regions.
    """

    starred: bool = False
    rejected: bool = False
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()


NO_MARKS = Marks()


def starred(marks: Marks, points: tuple[tuple[float, float], ...] | None = None) -> Marks:
    """Marks of a favourite, for these spots; None leaves those it had."""
    return replace(marks, starred=True, rejected=False, points=marks.points if points is None else points)


def rejected(marks: Marks) -> Marks:
    """Marks of a disliked candidate."""
    return replace(marks, starred=False, rejected=True, points=())


def unmarked(marks: Marks) -> Marks:
    """Marks of a candidate that is neither."""
    return replace(marks, starred=False, rejected=False, points=())
