"""The marks that the user's words give a candidate."""

from __future__ import annotations

from dataclasses import replace

from guidewidgets.session.candidate import Marks


def starred(marks: Marks, points: tuple[tuple[float, float], ...] | None = None) -> Marks:
    """Marks of a favourite, for these spots; None leaves those it had."""
    return replace(marks, starred=True, rejected=False, points=marks.points if points is None else points)


def rejected(marks: Marks) -> Marks:
    """Marks of a disliked candidate."""
    return replace(marks, starred=False, rejected=True, points=())


def unmarked(marks: Marks) -> Marks:
    """Marks of a candidate that is neither."""
    return replace(marks, starred=False, rejected=False, points=())
