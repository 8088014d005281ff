"""Live previews: what a prompt would give, rendered while it is being changed. No candidates, no events, no undo.

While something is dragged a few steps must do; when it is let go the full number follows. Krita's live painting was the
measure for when to begin: at once where pictures come quickly, and where they take longer than 1.5 s not before the
settings have rested for 0.25 s (a debounce), but after 3 s at the latest. The newest request replaces those waiting; a
quick preview under way is finished first, else nothing would be seen of a long drag.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from guidewidgets import forks
from guidewidgets.engine import Engine
from guidewidgets.engine.guidance.attribution import Attribution
from guidewidgets.engine.workers.renderer import Order
from guidewidgets.genome import Genome
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.job import Job
from guidewidgets.session.worker.worker import worker_of
from guidewidgets.settings import RenderSettings

QUICK_STEPS = 6
SLOW = 1.5  # seconds a quick preview may take before changes are debounced
DEBOUNCE = 0.25  # seconds after the last change
MAX_WAIT = 3.0  # seconds after the first change that no preview showed yet
DECAY = 0.7  # of the exponential moving average of a quick preview's seconds


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to preview.

    Attributes:
        settings: prompt and all else; its steps are those of the full picture.
        candidate: whose noise it starts from; None: fresh noise.
        seed: of the fresh noise, and of the branches of an OR.
        full: with all steps.
        genome: makes what is rendered, of an engine, settings and the seed; None: noise under the settings.
    """

    settings: RenderSettings
    candidate: Candidate | None
    seed: int
    full: bool
    genome: Callable[[Engine, RenderSettings, int], Genome] | None = None


@dataclass(frozen=True, slots=True)
class LivePreview:
    """A picture under way or done.

    Attributes:
        request: what it shows.
        pixels: (H, W, 3) uint8, RGB.
        step: steps done.
        steps: steps in all.
        attribution: what each concept contributed, once it is done.
        seconds: of rendering, once it is done.
    """

    request: PreviewRequest
    pixels: NDArray[np.uint8]
    step: int
    steps: int
    attribution: Attribution | None = None
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether this is the last one of its request."""
        return self.step == self.steps


@final
class LivePreviewer:
    """Renders previews on the engine's worker, in its interactive lane."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        shown: Callable[[LivePreview], None],
        failed: Callable[[BaseException], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nothing to do.

        Args:
            engine: renders.
            shown: callback of every picture, on the worker's thread.
            failed: callback of errors, on the worker's thread.
            clock: monotonic seconds.
        """
        self._engine, self._shown, self._failed, self._clock = engine, shown, failed, clock
        self._lock = forks.lock()
        self._job: Job | None = None
        self._full = False
        self._waiting: PreviewRequest | None = None
        self._since = 0.0  # when the oldest change came that no preview showed yet
        self._mean = 0.0
        self._timer: threading.Timer | None = None
        self._closed = False

    def request(self, request: PreviewRequest) -> None:
        """Render this next, in place of a request that waits. Safe on any thread."""
        with self._lock:
            if self._closed:
                return
            now = self._clock()
            if self._waiting is None:
                self._since = now
            self._waiting = request
            if self._job is not None and self._full:
                self._job.cancel()  # its prompt is no longer wanted
            self._plan(now)

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            self._closed, self._waiting = True, None
            if self._timer is not None:
                self._timer.cancel()
            if self._job is not None:
                self._job.cancel()

    def _plan(self, now: float) -> None:
        """Begin, or start the debounce timer; called with the lock held."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._job is not None or self._waiting is None or self._closed:
            return
        wait = 0.0
        if not self._waiting.full and self._mean > SLOW:
            wait = min(DEBOUNCE, max(0.0, self._since + MAX_WAIT - now))
        if wait > 0:
            self._timer = threading.Timer(wait, self._debounced)
            self._timer.daemon = True
            self._timer.start()
        else:
            self._begin()

    def _debounced(self) -> None:
        with self._lock:
            self._timer = None
            if self._job is None and self._waiting is not None and not self._closed:
                self._begin()

    def _begin(self) -> None:
        request, self._waiting = self._waiting, None
        assert request is not None  # noqa: S101 - asked before
        engine = self._engine()
        steps = request.settings.steps if request.full else min(QUICK_STEPS, request.settings.steps)
        self._full = request.full
        self._job = Job(
            -1, "preview", (), steps, lambda _: self._work(engine, request, steps), self._ended, "interactive"
        )
        self._job.owner = id(self)
        renderer = engine.renderer
        worker_of(renderer.key, apart=renderer.apart).submit(self._job)

    def _ended(self, job: Job) -> None:
        if job.error is not None:
            self._failed(job.error)
        with self._lock:
            self._job = None
            self._plan(self._clock())

    def _work(self, engine: Engine, request: PreviewRequest, steps: int) -> Iterator[None]:
        start, spent = self._clock(), 0.0
        genome, blank = _genome(engine, request, steps), np.zeros((1, 1, 3), np.uint8)
        told = request.genome is None  # nobody asks what a mixture's concepts contributed
        order = Order(previews=request.full, attribution=told, lane="interactive")
        with closing(engine.renderer.render([genome], order)) as frames:
            for frame in frames:
                if frame is not None:
                    (pixels,) = (blank,) if frame.pixels is None else frame.pixels
                    preview = LivePreview(request, pixels, frame.step, frame.total)
                    if frame.done is not None:
                        spent += self._clock() - start
                        if not request.full:
                            self._mean = (
                                spent if self._mean == 0 else DECAY * self._mean + (1 - DECAY) * spent
                            )
                        attribution = frame.done.attribution
                        self._shown(replace(preview, attribution=attribution, seconds=spent))
                    elif request.full:
                        self._shown(preview)
                spent += self._clock() - start
                yield
                start = self._clock()


def _genome(engine: Engine, request: PreviewRequest, steps: int) -> Genome:
    settings, candidate = request.settings, request.candidate
    if request.genome is not None:
        return request.genome(engine, settings.replace(steps=steps), request.seed)
    fits = candidate is not None and candidate.genome.size == settings.size
    latent = candidate.genome.latent[None] if candidate is not None and fits else None
    if latent is None:
        latent = engine.noise(1, request.seed, settings.size)
    (genome,) = engine.genomes_under(settings.replace(steps=steps), latent, request.seed)
    return genome
