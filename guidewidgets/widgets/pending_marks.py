"""Marks on images that are still being made: the session can only mark what exists, so they wait here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from guidewidgets.widgets.protocol import Command

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.events import View


class Wishes:
    """Marks made early, given to the session as soon as their candidates are in its history.

    Attributes:
        pending: slot → mark, for images that are not there yet.
    """

    def __init__(self, session: Session) -> None:
        self.pending: dict[int, str] = {}
        self._session = session
        self._lock = threading.Lock()

    def take(self, command: Command) -> Command:
        """Keep what a mark command says of images under way; returns the command for the rest."""
        under_way = {slot for job in self._session.view().jobs for slot in job.slots}
        mark: str = command.args["mark"]
        slots: tuple[int, ...] = command.args["slots"]
        early = {slot: mark for slot in slots if slot in under_way}
        with self._lock:
            self.pending = self.pending | early
        rest = tuple(slot for slot in slots if slot not in under_way)
        return Command(command.req, command.name, {**command.args, "slots": rest})

    def grant(self, view: View) -> bool:
        """Hand over the marks whose images are finished; forget those whose images will never be.

        Returns:
            Whether the session was told anything.
        """
        under_way = {slot for job in view.jobs for slot in job.slots}
        with self._lock:
            ripe = {slot: mark for slot, mark in self.pending.items() if slot not in under_way}
            self.pending = {slot: mark for slot, mark in self.pending.items() if slot in under_way}
        made = {c.id for c in view.generation} if view.generation else set[int]()
        starred = [slot for slot, mark in ripe.items() if mark == "star" and slot in made]
        rejected = [slot for slot, mark in ripe.items() if mark == "reject" and slot in made]
        if starred:
            self._session.star(*starred)
        if rejected:
            self._session.reject(*rejected)
        return bool(starred or rejected)
