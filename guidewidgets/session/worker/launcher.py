"""Start a job: check the count, draw the seed, number the candidates, queue it."""

from __future__ import annotations

import math
import time
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from typing import final

import numpy as np

from guidewidgets.arguments import as_int, plural
from guidewidgets.engine.workers.renderer import TOGETHER
from guidewidgets.limits import MAX_CANDIDATES, MAX_SEED
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.controls import Control
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.events import Finished, StepDone
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.recording.calls import Call
from guidewidgets.session.state import State
from guidewidgets.session.worker.render import produce
from guidewidgets.session.worker.worker import worker_of
from guidewidgets.settings import RenderSettings

WAITED = 0.5  # seconds in the queue after which a job looks at the pipeline again


@final
class Launcher:
    """Puts the jobs of one session on the engine's worker."""

    def __init__(self, engine: Model, state: State, seed: int) -> None:
        self._engine = engine
        self._state = state
        self._seed = seed

    def __call__(
        self,
        call: Call,
        operator: str,
        n: int,
        settings: RenderSettings,
        seed: int | None,
        limit: int | None,
        breed: Callable[[int], Offspring | OffspringSteps],
        lane: str = "batch",
        control: Control | None = None,
    ) -> Job:
        """Queue a job that makes n candidates.

        Args:
            call: that is noted with it.
            operator: its name.
            n: how many.
            settings: for the time it takes.
            seed: None draws one from the session's seed and the event's number.
            limit: refuse more than this; None for no limit.
            breed: seed → genomes and recipes, called on the worker's thread.
            lane: of the job.
            control: of the job, attached before it is queued.

        Raises:
            ValueError, TypeError: n or the seed is out of range.
        """
        n = as_int("n", n, 1, MAX_CANDIDATES)
        if limit is not None and n > as_int("limit", limit):
            message = f"n={n}: expected at most {limit}; it would take {self._cost(n, settings)} here"
            raise ValueError(f"{message} (limit=None lifts this)")
        if seed is not None:
            seed = as_int("seed", seed, 0, MAX_SEED)
        engine, asked = self._engine(), time.monotonic()
        number = self._state.numbers.event()
        drawn = int(np.random.SeedSequence((self._seed, number)).generate_state(1)[0])
        chosen = drawn if seed is None else seed
        slots = call.slots or self._state.numbers.candidates(n)
        job = Job(
            number=number,
            operator=operator,
            slots=slots,
            steps=math.ceil(len(slots) / TOGETHER) * settings.steps,
            work=lambda job: produce(
                engine, lambda: self._breed(breed, chosen, asked), job, self.progressed, self._finished
            ),
            on_end=self._ended,
            lane=lane,
            control=control,
        )
        job.owner = id(self._state)
        job.watched, job.on_caution = self._state.watched, partial(self._warn, about=number)
        job.call = call.to_data(n, chosen, settings, self._state.settings)
        self._state.job_started(job)
        renderer = engine.renderer
        worker_of(renderer.key, apart=renderer.apart).submit(job)
        return job

    def _cost(self, n: int, settings: RenderSettings) -> str:
        seconds = self._engine().estimate_seconds(n, settings.steps)
        width, height = settings.size
        latent = math.prod(self._engine().shape_of(settings.size))
        return f"about {seconds:.0f} s and {n * (width * height * 3 + latent * 4) / 1e6:.0f} MB"

    def _breed(
        self, breed: Callable[[int], Offspring | OffspringSteps], seed: int, asked: float
    ) -> Offspring | OffspringSteps:
        if time.monotonic() - asked > WAITED:
            self.notice()  # the pipeline may have changed meanwhile
        return breed(seed)

    def notice(self) -> None:
        """Tell what is new of the pipeline. Raises ValueError where it cannot be used any more."""
        for text in self._engine.news():
            self._warn(text, jobs[0].id if (jobs := self._state.jobs) else self._state.numbers.next_event)

    def _warn(self, text: str, about: int) -> None:
        self._state.notice("warning", text, about=about)
        if not self._state.watched:
            warnings.warn(text, stacklevel=2)

    def progressed(self, job: Job) -> None:
        """A job has made a step: let the listeners know."""
        self._state.emit(StepDone(job))

    def _finished(self, job: Job, candidates: list[Candidate]) -> None:
        self._state.keep(job, candidates)
        self._state.emit(Finished(job, tuple(candidates)))

    def _ended(self, job: Job) -> None:
        if job.error is not None:  # said first: nobody shall see the job gone and not know why
            detail = "".join(traceback.format_exception(job.error))
            self._state.notice("error", f"{job.operator} failed: {job.error}", detail, about=job.id)
        elif job.state == "cancelled":
            told = self._left(job)
            job.report(message=told)
            self._state.notice("info", told, about=job.id)
        self._state.job_ended(job)

    def _left(self, job: Job) -> str:
        """What there is of a job that was cancelled; one that was undone is cancelled, too."""
        done = sum(slot in self._state.candidates for slot in job.slots)
        if not done:
            return "Cancelled: no picture was finished."
        were, them = ("was", "it") if done == 1 else ("were", "them")
        made = f"{done} of {plural(len(job.slots), 'picture')} {were} finished"
        return (
            f"Undone: {made}; redo brings {them} back." if job.discarded else f"Cancelled: {made} and kept."
        )
