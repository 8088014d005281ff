"""From genomes to candidates: what a job does on the worker's thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from guidewidgets.engine import Engine
from guidewidgets.engine.workers.renderer import TOGETHER, Done, Frame
from guidewidgets.genome import Genome, Recipe
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Contest, Offspring, OffspringSteps
from guidewidgets.session.worker.entrants import Entrants
from guidewidgets.session.worker.filmstrip import FilmstripRecorder

PAUSED = 0.5  # seconds without a turn, after which a job was paused


def produce(
    engine: Engine,
    breed: Callable[[], Offspring | OffspringSteps],
    job: Job,
    on_step: Callable[[Job], None],
    on_finished: Callable[[Job, list[Candidate]], None],
) -> Iterator[None]:
    """Render offspring, yielding after every step so that the worker can cancel, pause or turn to another job.

    Args:
        engine: renders.
        breed: makes the genomes; called on the worker's thread.
        job: told of progress and previews.
        on_step: called after each step.
        on_finished: called with each batch of finished candidates.
    """
    start = time.perf_counter()
    job.report(message=f"{job.operator}: preparing")
    bred = breed()
    if isinstance(bred, Generator):
        bred = yield from _told(bred, job, on_step)
    entrants = Entrants(bred, job.slots)
    spent, before = job.progress.elapsed, job.progress.step  # with what long breeding took
    start = time.perf_counter()
    genomes = entrants.genomes
    renderer, films = engine.renderer, FilmstripRecorder()
    shares = [0.0] * len(genomes)  # of each picture's steps
    steps = math.ceil(len(genomes) / TOGETHER) * genomes[0].steps
    if len(genomes) > len(job.slots):
        job.report(steps=before + steps)
    shown: dict[int, NDArray[np.uint8]] = {}
    over: set[int] = set()
    with closing(entrants.frames(engine, renderer)) as frames:
        for frame in frames:
            spent += (now := time.perf_counter()) - start
            if frame is not None:
                for place in frame.places:
                    shares[place] = frame.step / frame.total
            if frame is not None and frame.pixels is not None:
                # The last previews are the pictures themselves: seen at once, finished when they are safe on disk.
                shown = {slot: one for slot, one in shown.items() if slot not in over}
                shown |= entrants.seated(frame.places, frame.pixels)
                films.see(frame.step, frame.total, frame.places, frame.pixels)
                painter = f", {frame.painter}" if frame.painter else ""
                job.report(
                    shown,
                    step=before + round(steps * sum(shares) / len(shares)),
                    elapsed=spent,
                    message=f"{job.operator}: step {frame.step} of {frame.total}{entrants.told}{painter}",
                )
                on_step(job)
                if frame.done is not None:
                    slots = [entrants.seats[place] for place in frame.places]
                    on_finished(job, _candidates(frame, frame.done, slots, entrants.offspring, films))
                    over.update(slots)
                    job.report(done=len(over))
            yield
            # What is painted elsewhere goes on meanwhile.
            later = time.perf_counter()
            start = now if renderer.apart and later - now < PAUSED else later


def _told(
    bred: OffspringSteps, job: Job, on_step: Callable[[Job], None]
) -> Generator[None, None, Offspring | Contest]:
    """The making of offspring, as far as it says how far it is."""
    spent = 0.0
    while True:
        start = time.perf_counter()
        try:
            at = next(bred)
        except StopIteration as end:
            return end.value
        spent += time.perf_counter() - start
        if at is not None:
            job.report(step=at.step, steps=at.steps, elapsed=spent, message=f"{job.operator}: {at.message}")
            on_step(job)
        yield


def _candidates(
    frame: Frame,
    done: Done,
    slots: Sequence[int],
    offspring: Sequence[tuple[Genome, Recipe]],
    films: FilmstripRecorder,
) -> list[Candidate]:
    assert frame.pixels is not None  # noqa: S101 - asked before
    made: list[Candidate] = []
    for slot, place, pixels, filtered in zip(
        slots, frame.places, frame.pixels, Filtered.each(done), strict=True
    ):
        genome, recipe = offspring[place]
        film = None if filtered else films.strip(place)
        made.append(Candidate(slot, genome, recipe, Image.fromarray(pixels), filtered=filtered, film=film))
    return made
