"""Events of a session, for its observers: callbacks on unpredictable threads, which must only enqueue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.job import Job
from guidewidgets.settings import RenderSettings

START: Final = -1
"""In place of a job's number: what is said as a session begins, until its first job."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the user: level "info", "warning" or "error"; `detail` is a traceback or empty.

    One that is left again takes the place of the earlier one; `times` counts. It goes with what it is `about`:
    settings, when others are in force; the number of a job, when a later one begins; None, the session, with nothing.
    """

    level: str
    text: str
    detail: str = ""
    times: int = 1
    about: RenderSettings | int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """Marks, settings, history, jobs or notices changed: read `session.view()` again."""

    version: int


@dataclass(frozen=True, slots=True)
class StepDone:
    """A job made one step: `job.progress` and `job.previews()` are new."""

    job: Job


@dataclass(frozen=True, slots=True)
class Finished:
    """Candidates of a job got their final image."""

    job: Job
    candidates: tuple[Candidate, ...]


Event = Changed | StepDone | Finished
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class View:
    """A consistent picture of a session's state.

    Attributes:
        version: grows with every change.
        settings: prompt, steps, guidance, sampler, size.
        generation: the one on show, or None at the start.
        pending: the newest job that is not over, or None.
        jobs: all jobs that are not over, oldest first.
        can_undo: there is something to undo.
        can_redo: there is something to redo.
        notices: the newest few, oldest first.
    """

    version: int
    settings: RenderSettings
    generation: Generation | None
    pending: Job | None
    jobs: tuple[Job, ...]
    can_undo: bool
    can_redo: bool
    notices: tuple[Notice, ...]
