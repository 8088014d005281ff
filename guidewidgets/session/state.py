"""The state of a session, changed in one place under one lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import final

from guidewidgets import forks
from guidewidgets.arguments import plural, shown
from guidewidgets.session.absent import why_hidden, why_missing
from guidewidgets.session.candidate import Candidate, Generation, as_candidate
from guidewidgets.session.events import Changed, Event, Listener, Notice, View
from guidewidgets.session.history import History, Made, Marked, Set, UserEvent
from guidewidgets.session.job import Job
from guidewidgets.session.journal import Journal
from guidewidgets.session.listeners import Listeners
from guidewidgets.session.marks import Marks
from guidewidgets.session.notices import Notices
from guidewidgets.session.numbers import Numbers
from guidewidgets.settings import RenderSettings


@final
class State:
    """Candidates, history, settings, jobs and notices: the model that views observe. Safe on any thread."""

    def __init__(self, settings: RenderSettings, journal: Journal | None = None) -> None:
        self.lock = forks.rlock()
        self.settings = self.first_settings = settings
        self.journal = journal or Journal()
        self.history = History()
        self.candidates: dict[int, Candidate] = {}
        self.jobs: list[Job] = []
        self.newest_controlled: Job | None = None
        self.numbers = Numbers()
        self._version = 0
        self._notices = Notices()
        self._listeners = Listeners()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event until the returned function is called."""
        return self._listeners.add(listener)

    @property
    def watched(self) -> bool:
        """Whether there are listeners."""
        return bool(self._listeners)

    def emit(self, event: Event) -> None:
        """Call the listeners with an event."""
        self._listeners.tell(event)

    def changed(self) -> None:
        """Raise the version and emit `Changed`."""
        with self.lock:
            self._version += 1
            version = self._version
        self.emit(Changed(version))

    def notice(
        self, level: str, text: str, detail: str = "", about: RenderSettings | int | None = None
    ) -> None:
        """Add a notice for the user; a repeated one replaces the earlier and counts how often it came. See `Notice`."""
        with self.lock:
            self._notices.add(Notice(level, text, detail, about=about))
        self.changed()

    def keep_notices(self, texts: Sequence[str], settings: RenderSettings) -> None:
        """See `Notices.follow`."""
        with self.lock:
            self._notices.follow(texts, settings)

    def job_notice(self, level: str, text: str) -> None:
        """Leave a line about the job that is being worked on: the oldest under way."""
        with self.lock:
            self.notice(level, text, about=self.jobs[0].id if self.jobs else None)

    def view(self) -> View:
        """A consistent snapshot."""
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
                notices=self._notices.about(self.settings),
            )

    def generations(self) -> tuple[Generation, ...]:
        """Generations in force, oldest first."""
        with self.lock:
            return tuple(self.history.generations)

    # User events

    def push(self, event: UserEvent) -> None:
        """Apply an event and append it to the history; to the journal first (write-ahead): what is seen is stored."""
        with self.lock:
            number = self.numbers.event()
            self.journal.push(number, event)
            self._apply(event)
            self.history.push(number, event)
        self.changed()

    def undo(self) -> bool:
        """Take back the last user event: the newest job under way, else the last event in force.

        Returns:
            False where there was nothing to take back.
        """
        with self.lock:
            job = self.jobs[-1] if self.jobs else None
            event = None
            if job is None and self.history.cursor:
                self.journal.move(self.history.number_at(self.history.cursor - 1))
                event = self.history.back()
                self._apply(event, back=True)
        if job is not None:
            job.discarded = True
            job.cancel()
        self.changed()
        return job is not None or event is not None

    def back_to(self, generation: int) -> None:
        """Take back what came after a generation, which is then the newest; its own marks of before that stay.

        Raises:
            IndexError: it is not in force.
            ValueError: jobs are under way.
        """
        with self.lock:
            if self.jobs:
                raise ValueError("pictures are being made: wait for them, or cancel, then go back")
            before = self.history.generations
            place = next((k for k, one in enumerate(before, 1) if one.index == generation), 0)
            if not place:
                raise IndexError(f"there is no generation {generation}, or it was undone")
            while self.history.generations[-1].index != generation:
                self.undo()
            if gone := len(before) - place:
                told = f"Back to generation {place}. {plural(gone, 'later generation')} and what was marked since"
                told += " come back with redo, until something new is made; the lineage keeps them."
                self.notice("info", told, about=self.numbers.next_event - 1)

    def redo(self) -> bool:
        """Apply the next undone event again; False where there is none."""
        with self.lock:
            event = None
            if self.history.cursor < len(self.history.events):
                self.journal.move(self.history.number_at(self.history.cursor + 1))
                event = self.history.forward()
                self._apply(event)
        self.changed()
        return event is not None

    def replay(self) -> None:
        """Apply the events up to the cursor, in a session that was opened."""
        for event in self.history.events[: self.history.cursor]:
            self._apply(event)

    def _apply(self, event: UserEvent | None, *, back: bool = False) -> None:
        """Apply an event, or revert it."""
        if isinstance(event, Set):
            self.settings = event.before if back else event.after
        elif isinstance(event, Marked):
            for candidate, before, after in event.changes:
                candidate.marks = before if back else after

    def mark(self, ids: Iterable[int], change: Callable[[Marks], Marks]) -> None:
        """Change the marks of candidates as one event; marks that stay the same are no event.

        Raises:
            IndexError: there is no such candidate, or it was undone, or its job is under way. Nothing is marked then.
        """
        with self.lock:
            in_force = {c.id for generation in self.history.generations for c in generation}
            found = [self.find(i) for i in dict.fromkeys(ids)]
            if hidden := [c.id for c in found if c.id not in in_force]:
                raise IndexError(f"candidate {hidden[0]} {why_hidden(hidden[0], self.jobs)}")
            changes = ((c, c.marks, change(c.marks)) for c in found)
            if changed := tuple(c for c in changes if c[1] != c[2]):
                self.push(Marked(changed))

    def find(self, number: object) -> Candidate:
        """Candidate by number, also one that was undone.

        Raises:
            TypeError: not a number.
            IndexError: no such candidate.
        """
        number = as_candidate(number)
        with self.lock:
            if number not in self.candidates:
                why = why_missing(number, self.jobs, self.candidates, self.numbers.next_candidate)
                raise IndexError(f"no candidate {shown(number)}: {why}")
            return self.candidates[number]

    # Jobs

    def job_started(self, job: Job) -> None:
        """Record a job that is about to be queued."""
        with self.lock:
            self.journal.begin_job(job)
            self.jobs.append(job)
            self._notices.end([other.id for other in self.jobs])
            if job.control is not None:
                self.newest_controlled = job
        self.changed()

    def job_changed(self, job: Job) -> None:
        """Record the changed call of a running job."""
        with self.lock:
            try:
                self.journal.amend_job(job)
            except (OSError, ValueError) as error:
                self.notice("error", f"a change of {job.operator} was not saved: {error}")
        self.changed()

    def job_ended(self, job: Job) -> None:
        """Make a generation of the candidates a job finished; that of a discarded job begins as undone."""
        with self.lock:
            self.jobs.remove(job)
            made = tuple(self.candidates[i] for i in job.slots if i in self.candidates)
            number = self.numbers.event() if made else None
            index = self.numbers.next_generation if number is None else self.numbers.generation()
            job.result = Generation(index, job.operator, made, job.id)
            try:
                self.journal.end_job(job, number, job.result if made else None)
            except (OSError, ValueError) as error:  # its candidates are kept; opening the session finds them
                self.notice("error", f"the end of {job.operator} was not saved: {error}")
            if number is not None:
                self.history.push(number, Made(job.result))
                if job.discarded:
                    self.history.back()
        self.changed()

    def keep(self, job: Job, candidates: Sequence[Candidate]) -> None:
        """Record finished candidates, in the journal first (write-ahead): its exception makes the job fail."""
        self.journal.keep(job, candidates)
        with self.lock:
            self.candidates.update({c.id: c for c in candidates})
