"""Marks on images that are still being made: the session can only mark what exists, so they wait here."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.events import View


class PendingMarks:
    """Marks made early, given to the session as soon as their candidates are in its history.

    Attributes:
        marks: slot → mark, for images that are not there yet.
    """

    def __init__(self, session: Session) -> None:
        self.marks: dict[int, str] = {}
        self._session = session
        self._lock = threading.Lock()

    def take(self, slots: Sequence[int], mark: str) -> list[int]:
        """Keep a mark for those slots that are under way; returns the others."""
        under_way = {slot for job in self._session.view().jobs for slot in job.slots}
        with self._lock:
            self.marks = self.marks | {slot: mark for slot in slots if slot in under_way}
        return [slot for slot in slots if slot not in under_way]

    def grant(self, view: View) -> bool:
        """Hand over the marks whose images are finished; forget those whose images will never be.

        Returns:
            Whether the session was told anything.
        """
        under_way = {slot for job in view.jobs for slot in job.slots}
        with self._lock:
            ready = {slot: mark for slot, mark in self.marks.items() if slot not in under_way}
            self.marks = {slot: mark for slot, mark in self.marks.items() if slot in under_way}
        made = {c.id for c in view.generation} if view.generation else set[int]()
        starred = [slot for slot, mark in ready.items() if mark == "star" and slot in made]
        rejected = [slot for slot, mark in ready.items() if mark == "reject" and slot in made]
        if starred:
            self._session.star(*starred)
        if rejected:
            self._session.reject(*rejected)
        return bool(starred or rejected)
