"""An optimisation as a job: its steps on the worker's thread, its filmstrip, its controls."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from guidewidgets import forks
from guidewidgets.engine.model.finished import to_pixels
from guidewidgets.engine.workers.run import WorkersGoneError
from guidewidgets.genome import Genome, Recipe
from guidewidgets.guide.optimisation import Optimisation, Record, Step
from guidewidgets.session.controls import Control, Steerable
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Bred, OffspringSteps
from guidewidgets.session.optimisation.filmstrip import Frame, small, strip


@dataclass(frozen=True, slots=True)
class Tick:
    """What is new of a run.

    Attributes:
        made: a step of the sampler, by number, or one of the optimisation.
        painter: who makes it, in a few words; empty: this process.
    """

    made: int | Step
    painter: str = ""


Ticks = Generator[Tick | None, None, None]
"""What is new, step by step; None while there is nothing."""
Beginning = Generator[Bred, None, tuple[Optimisation, Genome]]
"""Makes what an optimisation starts from; says how far it is where that takes long."""
GRADIENT = 2
"""Steps of the sampler that the gradient of one takes as long as: it is made again, and gone back through."""


def work(updates: int, steps: int) -> int:
    """What an optimisation takes, with painting what it found: in steps of the sampler, so many for each picture."""
    return (updates * (1 + GRADIENT) + 2) * steps


@dataclass(frozen=True, slots=True)
class RunHooks:
    """What an optimisation run asks of its session.

    Attributes:
        start: seed → the optimisation, on the worker's thread.
        ticks: makes its steps, here or elsewhere. Given the optimisation, genome, seed and changes, which are read
            after each step.
        recipe: of a step: (record, seed, curves so far, by name, film).
        accept: makes a candidate of a record: (record, seed, changes before it).
        noted: the call is another one now: some of its arguments.
        progressed: called after every step.
        notice: a line for the user.
    """

    start: Callable[[int], Beginning]
    ticks: Callable[[Optimisation, Genome, int, Mapping[int, Mapping[str, Any]]], Ticks]
    recipe: Callable[[Record, int, Mapping[str, list[float]], str], Recipe]
    accept: Callable[[Genome, Recipe, int, int, Mapping[int, Mapping[str, Any]]], Job]
    noted: Callable[[Job, Mapping[str, Any]], None]
    progressed: Callable[[Job], None]
    notice: Callable[[str, str], None]


@final
class OptimisationRun(Control):
    """The controls and the filmstrip of one optimisation.

    Attributes:
        frames: of all steps so far.
        changes: made on the way, by the step before which they were made.
        run: the optimisation, once it has begun.
        genome: what its latents go into, once it has begun.
    """

    def __init__(self, hooks: RunHooks, changes: Mapping[int, Mapping[str, Any]], keep: str) -> None:
        self.frames: list[Frame] = []
        self.changes: dict[int, dict[str, Any]] = {k: dict(v) for k, v in changes.items()}
        self.run: Optimisation | None = None
        self._hooks, self._keep = hooks, keep
        self._asked: list[dict[str, Any]] = []
        self._stopping = False
        self._lock = forks.lock()
        self._job: Job | None = None
        self._seed = 0
        self.genome: Genome | None = None

    def attach(self, job: Steerable) -> None:
        """See `Control.attach`."""
        assert isinstance(job, Job)  # noqa: S101 - no other class can be controlled
        self._job = job

    # Controls, on any thread

    def stop(self) -> None:
        """See `Control.stop`."""
        self._stopping = True
        if self._job is not None:
            self._job.resume()

    def change(self, **parameters: Any) -> None:
        """See `Control.change`."""
        run = self.run
        if run is None:
            raise ValueError("the optimisation has not begun yet: nothing to change")
        if self._job is not None and self._job.state in ("done", "failed", "cancelled"):
            raise ValueError(f"the optimisation is {self._job.state}: nothing to change")
        if not parameters:
            raise TypeError("expected something to change, such as lr=0.1")
        run.check(**parameters)
        with self._lock:
            self._asked.append(parameters)

    def asked(self) -> dict[str, Any]:
        """Changes that were asked for and have not taken effect yet, merged."""
        with self._lock:
            return {k: v for k, v in _merged({}, self._asked).items() if v is not None}

    def accept(self, step: int) -> Job:
        """See `Control.accept`."""
        record = next((r for r in (self.run.records if self.run else ()) if r.index == step), None)
        if record is None or self.genome is None:
            done = self.frames[-1].index if self.frames else "none"
            raise ValueError(f"step={step!r}: expected one that was made, 0 to {done}")
        before = {k: v for k, v in self.changes.items() if k < step}
        genome, recipe = self._made(record)
        return self._hooks.accept(genome, recipe, self._seed, step, before)

    # On the worker's thread

    def breed(self, seed: int) -> OffspringSteps:
        """Run; yields wherever the worker may turn to something else."""
        job, self._seed = self._job, seed
        assert job is not None  # noqa: S101 - attached before it was queued
        self.run, self.genome = yield from self._hooks.start(seed)
        with closing(self._hooks.ticks(self.run, self.genome, seed, self.changes)) as ticks:
            yield from self._walk(self.run, self.genome.steps, job, ticks)
        if self._stopping and self.run.records[-1].index < self.run.updates:
            self._hooks.noted(job, {"steps": self.run.records[-1].index, "changes": self.changes})
        record = self.run.records[-1] if self._keep == "last" else self.run.best()
        if record.index == 0 and len(self.run.records) > 1:
            self._hooks.notice(
                "warning", f"{job.operator}: no step was better than the picture it began with"
            )
        return [self._made(record)]

    def _walk(
        self, run: Optimisation, per_update: int, job: Job, ticks: Ticks
    ) -> Generator[None, None, None]:
        last, fresh = None, False
        before, spent = job.progress.step, job.progress.elapsed
        while True:
            begun = time.perf_counter()
            if last is not None and fresh:  # else the update after it is made already
                self._apply(run, last.index)
            if self._stopping and last is not None:
                return
            try:
                tick = next(ticks)
            except StopIteration:
                return
            except (FloatingPointError, WorkersGoneError) as error:
                if len(run.records) < 2:
                    raise  # nothing was gained yet
                self._hooks.notice("error", f"{error}; the best of {len(run.records)} steps is kept")
                self._stopping = True
                return
            spent += time.perf_counter() - begun
            fresh = tick is not None and isinstance(tick.made, Step)
            if tick is not None:
                done = before + len(self.frames) * (1 + GRADIENT) * per_update
                if isinstance(tick.made, Step):
                    last = tick.made
                    self._film(job, last)
                    done += per_update
                else:
                    done += tick.made
                said = f"{job.operator}: update {len(self.frames) - 1 if last else 0} of {run.updates}{_loss(last)}"
                said += f", {tick.painter}" if tick.painter else ""
                total = before + work(run.updates, per_update)
                job.report(step=min(done, total), steps=total, elapsed=spent, message=said)
                self._hooks.progressed(job)
            yield

    def _apply(self, run: Optimisation, index: int) -> None:
        """Changes that were noted for this step, and those that were asked for since."""
        noted = self.changes.get(index)
        if noted is not None and not self._asked:
            run.change(**noted)
            return
        with self._lock:
            if not self._asked:
                return
            merged = _merged(noted or {}, self._asked)
            self._asked = []
            run.change(**merged)
        self.changes[index] = merged
        assert self._job is not None  # noqa: S101 - it runs
        self._hooks.noted(self._job, {"changes": self.changes})

    def _film(self, job: Job, step: Step) -> None:
        pixels: np.ndarray = to_pixels(step.image[:1])[0]
        curves = step.losses | step.watched
        self.frames.append(Frame(step.index, step.loss, curves, small(pixels), step.focus))
        job.report(dict.fromkeys(job.slots, pixels))

    def _made(self, record: Record) -> tuple[Genome, Recipe]:
        assert self.genome is not None  # noqa: S101 - it has begun
        before = [frame for frame in self.frames if frame.index <= record.index]
        curves = {"losses": [frame.loss for frame in before]}
        for name in record.watched:
            curves["watched"] = [frame.losses[name] for frame in before]
        recipe = self._hooks.recipe(record, self._seed, curves, strip([frame.jpeg for frame in before]))
        if record.latent.ndim == 5:
            pair = record.latent[:, 0]
            return self.genome.replace(latent=pair[0].clone(), pair=pair), recipe
        return self.genome.replace(latent=record.latent[0]), recipe


def _merged(first: Mapping[str, Any], later: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Changes as one: the later one wins, weights one by one."""
    merged = dict(first)
    for one in later:
        weights = dict(merged.get("weights") or {}) | dict(one.get("weights") or {})
        merged |= {**one, **({"weights": weights} if weights else {})}
    return merged


def _loss(step: Step | None) -> str:
    return "" if step is None else f", loss {step.loss:.4g}"
