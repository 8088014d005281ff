"""From genomes to candidates: what a job does on the worker's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator

from PIL import Image

from guidewidgets.engine import Engine
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.worker.filmstrip import FilmstripRecorder

TOGETHER = 64  # images denoised side by side; more than this are done one batch after the other


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
        bred = yield from bred
    # A resumed job makes the last of its candidates only: the others are there.
    offspring = list(zip(job.slots, bred[len(bred) - len(job.slots) :], strict=True))
    spent = job.progress.elapsed  # with what long breeding took, whose steps are counted too
    start = time.perf_counter()
    for first in range(0, len(offspring), TOGETHER):
        batch = offspring[first : first + TOGETHER]
        steps = engine.sample([genome for _, (genome, _) in batch])
        done = job.progress.step
        slots = [slot for slot, _ in batch]
        recorder = FilmstripRecorder()
        for step in steps:
            # The last previews are the pictures themselves: seen at once, finished when they are safe on disk.
            finished = engine.finish(step.x) if step.i == step.total else None
            pixels = engine.preview(step.denoised) if finished is None else finished.pixels
            recorder.see(step.i, step.total, pixels)
            spent += time.perf_counter() - start
            job.report(
                dict(zip(slots, pixels, strict=True)),
                step=done + step.i,
                elapsed=spent,
                message=f"{job.operator}: step {step.i} of {step.total}",
            )
            on_step(job)
            if finished is not None:
                filtered = Filtered.each(finished)
                candidates = [
                    Candidate(
                        slot,
                        genome,
                        recipe,
                        Image.fromarray(pixels[i]),
                        filtered=filtered[i],
                        film=None if filtered[i] else recorder.strip(i),
                    )
                    for i, (slot, (genome, recipe)) in enumerate(batch)
                ]
                on_finished(job, candidates)
                job.report(done=first + len(batch))
            yield
            start = time.perf_counter()
