"""The journal of a session: a write-ahead log of its events and jobs. This one keeps nothing; a store keeps all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guidewidgets.session.candidate import Candidate, Generation
    from guidewidgets.session.history import UserEvent
    from guidewidgets.session.job import Job


@dataclass(frozen=True, slots=True)
class Started:
    """A job that began: how it was called, and the numbers of its candidates."""

    call: Mapping[str, Any]
    slots: Sequence[int]


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One candidate in the lineage.

    Attributes:
        id: its number.
        job: number of the job that made it.
        operator: of that job.
        parents: their numbers in this session, in the order the operator took them.
    """

    id: int
    job: int
    operator: str
    parents: tuple[int, ...]


class Journal:
    """Keeps the calls of jobs alone: the session lives in memory only.

    An exception of a method means that nothing was noted.
    """

    def __init__(self) -> None:
        self._started: dict[int, Started] = {}

    def check_writable(self) -> None:
        """Nothing is noted where this raises: a store may be open elsewhere, or belong to another process."""

    def push(self, number: int, event: UserEvent) -> None:
        """An event is about to come into force, after the one at the cursor."""

    def move(self, cursor: int | None) -> None:
        """Undo or redo is about to make this event the last one in force; None: none is."""

    def begin_job(self, job: Job) -> None:
        """A job is about to be queued: its number and its candidates' are taken from now on."""
        self._started[job.id] = Started(job.call, job.slots)

    def amend_job(self, job: Job) -> None:
        """A job under way is another one now: its call has changed."""
        self._started[job.id] = Started(job.call, job.slots)

    def started(self) -> Mapping[int, Started]:
        """All jobs that ever began, by number."""
        return self._started

    def lineage(self, first: int, last: int) -> Sequence[LineageNode] | None:
        """Lineage of the candidates numbered first to last; None where nothing is kept and memory has it all."""
        del first, last
        return None

    def looks(self) -> Any:
        """What `note_looks` was told last; None where it never was."""
        return None

    def note_looks(self, data: Mapping[str, Any]) -> None:
        """Features of images, as JSON data: only to be spared making them again."""

    def keep(self, job: Job, candidates: Sequence[Candidate]) -> None:
        """Candidates are finished and about to be shown."""

    def end_job(self, job: Job, number: int | None, made: Generation | None) -> None:
        """A job is over; `made` is its generation, noted as event `number`, unless it made nothing."""

    def close(self) -> None:
        """The session is gone."""
