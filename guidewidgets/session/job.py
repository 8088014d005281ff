"""Jobs: one action under way, with progress, previews, pause, cancel and a result."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from guidewidgets import forks
from guidewidgets.caution import heard
from guidewidgets.session.controls import Control, Steerable
from guidewidgets.session.live_output import followed, page, show
from guidewidgets.session.progress import Progress

if TYPE_CHECKING:
    from guidewidgets.session.candidate import Generation

OVER = ("done", "cancelled", "failed")
POLL_SECONDS = 0.1


Work = Callable[["Job"], Iterator[None]]


@final
class Job(Steerable):
    """One action under way. Made by a session's methods, run by the engine's worker, one step at a time.

    Attributes:
        id: number of the user event that started it.
        operator: name of the operator.
        slots: numbers of the candidates it will make, in grid order.
        lane: its queue: "interactive" jobs go before "batch" jobs, between steps.
        error: what went wrong, where it failed.
        discarded: its result was undone before it was there.
        watched: a widget shows its progress.
        owner: whose it is: jobs of one owner are done one after the other.
        on_caution: hears what the engine warns of while it works.
        call: the method that started it and its arguments, as JSON data.
    """

    def __init__(
        self,
        number: int,
        operator: str,
        slots: tuple[int, ...],
        steps: int,
        work: Work,
        on_end: Callable[[Job], None],
        lane: str = "batch",
        control: Control | None = None,
    ) -> None:
        super().__init__(control)
        self.id = number
        self._process = os.getpid()
        self.operator = operator
        self.slots = slots
        self.lane = lane
        self.error: BaseException | None = None
        self.result: Generation | None = None
        self.discarded = False
        self.watched = False
        self.owner = id(self)
        self.call: dict[str, Any] = {}
        self.wake: Callable[[], None] = lambda: None
        self.on_caution: Callable[[str], object] | None = None
        self._work = work
        self._on_end = on_end
        self._state = "queued"
        self._cancelled = False
        self._running: Iterator[None] | None = None
        self._lock = forks.lock()
        self._over = threading.Event()
        self._callbacks: list[Callable[[], object]] = []
        self._progress = Progress(0, steps, 0, len(slots))
        self._previews: dict[int, np.ndarray] = {}

    @property
    def state(self) -> str:
        """One of queued, running, paused, done, cancelled, failed."""
        return self._state

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._progress

    def previews(self) -> dict[int, np.ndarray]:
        """Newest quick pictures, by candidate number: uint8 (h, w, 3)."""
        return self._previews

    def cancel(self) -> None:
        """End it before its next step; images that are finished are kept. No effect when it is over."""
        with self._lock:
            self._cancelled = self._state not in OVER
            if self._state == "paused":
                self._state = "running"
        self.wake()

    def pause(self) -> None:
        """Park it before its next step; the worker is free for other jobs."""
        with self._lock:
            if self._state in ("queued", "running"):
                self._state = "paused"

    def resume(self) -> None:
        """Go on after a pause."""
        with self._lock:
            if self._state == "paused":
                self._state = "running" if self._running else "queued"
        self.wake()

    def wait(self, timeout: float | None = None) -> Generation:
        """Wait until it is over. In a notebook this blocks the kernel, so buttons stay dead until it returns.

        Shows a progress bar in a terminal, and the pictures under way in a notebook where no widget is open.

        Args:
            timeout: seconds, or None for no limit.

        Returns:
            The generation it made; what was finished, where it was cancelled.

        Raises:
            TimeoutError: it is not over yet; it goes on.
            RuntimeError: it is under way in the process that this one was forked from.
            Exception: whatever the job failed with.
        """
        if os.getpid() != self._process and not self._over.is_set():
            raise RuntimeError(
                f"job {self.id} ({self.operator}) is under way in process {self._process}: wait for it there"
            )
        end = None if timeout is None else time.monotonic() + timeout
        try:
            with followed(self, self._over) as follow:
                while not self._over.wait(
                    POLL_SECONDS if end is None else max(0, min(POLL_SECONDS, end - time.monotonic()))
                ):
                    follow()
                    if end is not None and time.monotonic() >= end:
                        raise TimeoutError(
                            f"job {self.id} ({self.operator}) is {self._state} after {timeout:g} s; it goes on"
                        )
        except KeyboardInterrupt as stop:
            stop.add_note(f"job {self.id} ({self.operator}) goes on: cancel() ends it")
            raise
        if self.error is not None:
            raise self.error
        assert self.result is not None  # noqa: S101 - set before _over
        return self.result

    def __await__(self) -> Generator[object, None, Generation]:
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        self.when_over(lambda: loop.call_soon_threadsafe(over.set))
        yield from over.wait().__await__()
        return self.wait()

    def when_over(self, callback: Callable[[], object]) -> None:
        """Call back once it is over: at once if it is, else from the worker's thread."""
        with self._lock:
            if not self._over.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def accept(self, step: int) -> Job:
        """Make a candidate of one step of an optimisation, while it runs or when it is over.

        Args:
            step: updates made before it; 0 is the unchanged picture.

        Returns:
            The job that makes it.

        Raises:
            TypeError: this job has no steps to accept.
            ValueError: no such step yet.
        """
        made = self._controlled("steps to accept").accept(step)
        assert isinstance(made, Job)  # noqa: S101 - no other class can be steered
        return made

    # The rest is for the worker and the session.

    @property
    def runnable(self) -> bool:
        """Whether the worker has something to do for it."""
        return self._state in ("queued", "running")

    def advance(self) -> None:
        """Make one step, on the worker's thread."""
        with self._lock:
            if not self.runnable:
                return
            self._state = "running"
        if self._cancelled:
            self._end("cancelled")
            return
        try:
            self._running = self._running or self._work(self)
            with heard(self.on_caution):
                next(self._running)
        except StopIteration:
            self._end("done")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the job's, and the worker lives on
            self.error = error
            self._end("failed")

    def report(self, previews: dict[int, np.ndarray] | None = None, **progress: object) -> None:
        """Note progress (fields of Progress) and previews."""
        self._progress = replace(self._progress, **progress)
        if previews is not None:
            self._previews = previews

    def _end(self, state: str) -> None:
        if isinstance(self._running, Generator):
            self._running.close()
        self._state = state
        self._on_end(self)
        with self._lock:
            self._over.set()
        for callback in self._callbacks:
            callback()

    def __reduce__(self) -> str:
        raise TypeError("a job stays in its process: job.wait() gives the generation, which can be pickled")

    def _repr_html_(self) -> str:
        return page(self)

    def _ipython_display_(self) -> None:
        show(self, self._over)

    def __repr__(self) -> str:
        p = self._progress
        return (
            f"<Job {self.id} {self.operator}: {self._state}, step {p.step}/{p.steps}, {p.done}/{p.n} images>"
        )
