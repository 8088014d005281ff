"""The journal of a session: told of everything before it is in force. This one keeps nothing; a store keeps all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guidewidgets.session.candidate import Candidate, Generation
    from guidewidgets.session.history import UserEvent
    from guidewidgets.session.jobs import Job


class Journal:
    """Does nothing: the session lives in memory only. An exception of a method means that nothing was noted."""

    def push(self, number: int, event: UserEvent) -> None:
        """An event is about to come into force, after the one at the cursor."""

    def move(self, cursor: int | None) -> None:
        """Undo or redo is about to make this event the last one in force; None: none is."""

    def begin_job(self, job: Job) -> None:
        """A job is about to be queued: its number and its candidates' are taken from now on."""

    def keep(self, job: Job, candidates: Sequence[Candidate]) -> None:
        """Candidates are finished and about to be shown."""

    def end_job(self, job: Job, number: int | None, made: Generation | None) -> None:
        """A job is over; `made` is its generation, noted as event `number`, unless it made nothing."""

    def close(self) -> None:
        """The session is gone."""
