"""Live previews: what a prompt would give, rendered while it is being changed. No candidates, no events, no undo.

While something is dragged a few steps must do; when it is let go the full number follows. Krita's live painting was the
measure for when to begin: at once where pictures come quickly, and where they take longer than 1.5 s not before the
hand has rested for 0.25 s, but after 3 s at the latest. The newest wish always wins; a quick sketch under way is
finished first, else nothing would be seen of a long drag.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from guidewidgets import forks
from guidewidgets.engine import Engine
from guidewidgets.engine.guidance.attribution import Attribution, Listener
from guidewidgets.genome import Genome
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.job import Job
from guidewidgets.session.worker.worker import worker_of
from guidewidgets.settings import RenderSettings

QUICK_STEPS = 6
SLOW = 1.5  # seconds a sketch may take before hands are waited for
GRACE = 0.25  # seconds after the last change
PATIENCE = 3.0  # seconds after the first change that nothing was seen of
MEMORY = 0.7  # share of the old in the running mean of a sketch's time


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to sketch.

    Attributes:
        settings: prompt and all else; its steps are those of the full picture.
        candidate: whose noise it starts from; None: fresh noise.
        seed: of the fresh noise, and of the branches of an OR.
        full: with all steps.
    """

    settings: RenderSettings
    candidate: Candidate | None
    seed: int
    full: bool


@dataclass(frozen=True, slots=True)
class LivePreview:
    """A picture under way or done.

    Attributes:
        wish: what it shows.
        pixels: (H, W, 3) uint8.
        step: steps done.
        steps: steps in all.
        influence: of its concepts, once it is done.
        seconds: it took, once it is done.
    """

    wish: PreviewRequest
    pixels: NDArray[np.uint8]
    step: int
    steps: int
    influence: Attribution | None = None
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether this is the last one of its wish."""
        return self.step == self.steps


@final
class LivePreviewer:
    """Makes sketches on the engine's worker, before its batches."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        shown: Callable[[LivePreview], None],
        failed: Callable[[BaseException], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make sketches for somebody.

        Args:
            engine: renders.
            shown: told of every picture, on the worker's thread.
            failed: told of errors, on the worker's thread.
            clock: seconds.
        """
        self._engine, self._shown, self._failed, self._clock = engine, shown, failed, clock
        self._lock = forks.lock()
        self._job: Job | None = None
        self._full = False
        self._wish: PreviewRequest | None = None
        self._since = 0.0  # when the oldest change came that nothing was seen of
        self._mean = 0.0
        self._timer: threading.Timer | None = None
        self._closed = False

    def want(self, wish: PreviewRequest) -> None:
        """Sketch this next, in place of what waits. Safe on any thread."""
        with self._lock:
            if self._closed:
                return
            now = self._clock()
            if self._wish is None:
                self._since = now
            self._wish = wish
            if self._job is not None and self._full:
                self._job.cancel()  # its prompt is no longer wanted
            self._plan(now)

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            self._closed, self._wish = True, None
            if self._timer is not None:
                self._timer.cancel()
            if self._job is not None:
                self._job.cancel()

    def _plan(self, now: float) -> None:
        """Begin, or wait for the hand to rest; under the lock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._job is not None or self._wish is None or self._closed:
            return
        wait = 0.0
        if not self._wish.full and self._mean > SLOW:
            wait = min(GRACE, max(0.0, self._since + PATIENCE - now))
        if wait > 0:
            self._timer = threading.Timer(wait, self._rested)
            self._timer.daemon = True
            self._timer.start()
        else:
            self._begin()

    def _rested(self) -> None:
        with self._lock:
            self._timer = None
            if self._job is None and self._wish is not None and not self._closed:
                self._begin()

    def _begin(self) -> None:
        wish, self._wish = self._wish, None
        assert wish is not None  # noqa: S101 - asked before
        engine = self._engine()
        steps = wish.settings.steps if wish.full else min(QUICK_STEPS, wish.settings.steps)
        self._full = wish.full
        self._job = Job(
            -1, "sketch", (), steps, lambda _: self._work(engine, wish, steps), self._over, "interactive"
        )
        worker_of(engine.network.module).submit(self._job)

    def _over(self, job: Job) -> None:
        if job.error is not None:
            self._failed(job.error)
        with self._lock:
            self._job = None
            self._plan(self._clock())

    def _work(self, engine: Engine, wish: PreviewRequest, steps: int) -> Iterator[None]:
        start, spent = self._clock(), 0.0
        genome, listener = _genome(engine, wish, steps), Listener()
        blank = np.zeros((1, 1, 3), np.uint8)
        for step in engine.sample([genome], probe=listener):
            sketch = LivePreview(wish, blank, step.i, step.total)
            if step.i == step.total:
                (pixels,) = engine.finish(step.x).pixels
                spent += self._clock() - start
                if not wish.full:
                    self._mean = spent if self._mean == 0 else MEMORY * self._mean + (1 - MEMORY) * spent
                self._shown(replace(sketch, pixels=pixels, influence=listener.influence(), seconds=spent))
            elif wish.full:
                self._shown(replace(sketch, pixels=engine.preview(step.denoised)[0]))
            spent += self._clock() - start
            yield
            start = self._clock()


def _genome(engine: Engine, wish: PreviewRequest, steps: int) -> Genome:
    settings, candidate = wish.settings, wish.candidate
    fits = candidate is not None and candidate.genome.size == settings.size
    latent = candidate.genome.latent[None] if candidate is not None and fits else None
    if latent is None:
        latent = engine.noise(1, wish.seed, settings.size)
    (genome,) = engine.genomes_under(settings.replace(steps=steps), latent, wish.seed)
    return genome
