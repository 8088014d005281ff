"""The state of a session, changed in one place under one lock."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import final

from guidewidgets.session.candidate import Candidate, Generation, Marks
from guidewidgets.session.events import Changed, Event, Listener, Notice, View
from guidewidgets.session.history import History, Made, Marked, Set, UserEvent
from guidewidgets.session.jobs import Job
from guidewidgets.session.settings import Settings

NOTICES_KEPT = 5
log = logging.getLogger(__name__)


@final
class State:
    """Candidates, history, settings, jobs and notices. Every public method is safe on any thread."""

    def __init__(self, settings: Settings) -> None:
        self.lock = threading.RLock()
        self.settings = settings
        self.history = History()
        self.candidates: dict[int, Candidate] = {}
        self.jobs: list[Job] = []
        self._next_candidate = 0
        self._next_event = 0
        self._next_generation = 0
        self._version = 0
        self._notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self._listeners: list[Listener] = []

    # Listeners

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event until the returned function is called."""
        with self.lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self.lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    @property
    def watched(self) -> bool:
        """Whether somebody listens."""
        return bool(self._listeners)

    def emit(self, event: Event) -> None:
        """Tell the listeners; one that fails is logged, and harms neither the others nor the worker."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)

    def changed(self) -> None:
        """Note and tell that the state is new."""
        with self.lock:
            self._version += 1
            version = self._version
        self.emit(Changed(version))

    def notice(self, level: str, text: str, detail: str = "") -> None:
        """Leave a line for the user."""
        with self.lock:
            self._notices.append(Notice(level, text, detail))
        self.changed()

    def view(self) -> View:
        """A consistent picture of the state."""
        with self.lock:
            generations = self.history.generations
            return View(
                version=self._version,
                settings=self.settings,
                generation=generations[-1] if generations else None,
                pending=self.jobs[-1] if self.jobs else None,
                jobs=tuple(self.jobs),
                can_undo=self.history.cursor > 0 or bool(self.jobs),
                can_redo=self.history.cursor < len(self.history.events),
                notices=tuple(self._notices),
            )

    def generations(self) -> tuple[Generation, ...]:
        """Generations in force, oldest first."""
        with self.lock:
            return tuple(self.history.generations)

    # Numbers, never given twice

    def number_event(self) -> int:
        """Number of a new user event."""
        with self.lock:
            self._next_event += 1
            return self._next_event - 1

    def number_candidates(self, n: int) -> tuple[int, ...]:
        """Numbers of n new candidates."""
        with self.lock:
            self._next_candidate += n
            return tuple(range(self._next_candidate - n, self._next_candidate))

    # User events

    def push(self, event: UserEvent) -> None:
        """Put an event in force and note it."""
        with self.lock:
            self._next_event += 1
            self._apply(event)
            self.history.push(event)
        self.changed()

    def undo(self) -> bool:
        """Take back the last user event: the newest job under way, else the last event in force.

        Returns:
            False where there was nothing to take back.
        """
        with self.lock:
            job = self.jobs[-1] if self.jobs else None
            event = None
            if job is None and (event := self.history.back()) is not None:
                self._revert(event)
        if job is not None:
            job.discarded = True
            job.cancel()
        self.changed()
        return job is not None or event is not None

    def redo(self) -> bool:
        """Put the next undone event in force again; False where there is none."""
        with self.lock:
            event = self.history.forward()
            if event is not None:
                self._apply(event)
        self.changed()
        return event is not None

    def _apply(self, event: UserEvent) -> None:
        if isinstance(event, Set):
            self.settings = event.after
        elif isinstance(event, Marked):
            for candidate, _, after in event.changes:
                candidate.marks = after

    def _revert(self, event: UserEvent) -> None:
        if isinstance(event, Set):
            self.settings = event.before
        elif isinstance(event, Marked):
            for candidate, before, _ in event.changes:
                candidate.marks = before

    def mark(self, ids: Iterable[int], change: Callable[[Marks], Marks]) -> None:
        """Change the marks of candidates as one event; marks that stay the same are no event.

        Raises:
            IndexError: there is no such candidate, or it was undone. Nothing is marked then.
        """
        with self.lock:
            shown = {c.id for generation in self.history.generations for c in generation}
            found = [self.find(i) for i in dict.fromkeys(ids)]
            if hidden := [c.id for c in found if c.id not in shown]:
                message = f"candidate {hidden[0]} was undone: redo brings it back"
                raise IndexError(message)
            changes = tuple((c, c.marks, change(c.marks)) for c in found)
            changes = tuple(c for c in changes if c[1] != c[2])
            if changes:
                self.push(Marked(changes))

    def find(self, number: object) -> Candidate:
        """Candidate by number, also one that was undone.

        Raises:
            TypeError: not a number.
            IndexError: no such candidate.
        """
        if isinstance(number, bool) or not isinstance(number, int):
            message = f"candidate {number!r}: expected a whole number"
            raise TypeError(message)
        with self.lock:
            if number not in self.candidates:
                last = max(self.candidates, default=None)
                there = "there are none yet" if last is None else f"the numbers go from 0 to {last}"
                message = f"no candidate {number}: {there}"
                raise IndexError(message)
            return self.candidates[number]

    # Jobs

    def job_started(self, job: Job) -> None:
        """Note a job that was queued."""
        with self.lock:
            self.jobs.append(job)
        self.changed()

    def job_ended(self, job: Job) -> None:
        """Turn what a job finished into a generation; an undone job's is noted as undone."""
        with self.lock:
            self.jobs.remove(job)
            made = tuple(self.candidates[i] for i in job.slots if i in self.candidates)
            job.result = Generation(self._next_generation, job.operator, made)
            if made:
                self._next_generation += 1
                self.history.push(Made(job.result))
                if job.discarded:
                    self.history.back()
        self.changed()

    def keep(self, candidates: Iterable[Candidate]) -> None:
        """Note finished candidates."""
        with self.lock:
            self.candidates.update({c.id: c for c in candidates})


def starred(marks: Marks) -> Marks:
    """Marks of a favourite."""
    return replace(marks, starred=True, rejected=False)


def rejected(marks: Marks) -> Marks:
    """Marks of a disliked candidate."""
    return replace(marks, starred=False, rejected=True)


def unmarked(marks: Marks) -> Marks:
    """Marks of a candidate that is neither."""
    return replace(marks, starred=False, rejected=False)
