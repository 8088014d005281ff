"""How torch's threads wait for each other on a CPU that others use too: asleep, not spinning.

A picture takes thousands of barriers. GNU's OpenMP, with which torch comes on Linux, spins at each for some
milliseconds before it sleeps. That is quickest while all threads run; where one of them waits for a processor, the
others burn what it waits for, and a picture takes ten to thirty times as long. OpenMP itself hardly spins at all while
the process has more of its threads than there are processors. So as long as the processors are contended a thread of
ours keeps idle ones. The number of threads that share the work, and what each of them does, stay the user's: so
does every bit of a picture, which another number of threads would change.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, final

import torch

from guidewidgets import forks

CONTENDED = 0.1  # share of the time that the caller waits for a processor, above which nobody is to spin
WINDOW = 0.1  # seconds by which what was seen fades: a tick of the scheduler is nothing yet
FIRST, LAST = 0.25, 4.0  # seconds without contention after which threads spin again, at first and at most
MEMORY = 2.0  # seconds after which what was seen says nothing any more
CHOSEN = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}  # who sets one of them has chosen how to wait
WAITED = Path("/proc/thread-self/schedstat")
WANTING = Path("/proc/loadavg")


@final
class Pace:
    """Whether to spin, by how long a thread waited for a processor of late.

    Attributes:
        spins: the verdict.
    """

    def __init__(self, *, spins: bool) -> None:
        """Begin with a guess."""
        self.spins = spins
        self._share, self._calm, self._patience = 0.0, 0.0, 0.0

    def see(self, waited: float, wall: float) -> None:
        """Hear that of `wall` seconds of work `waited` passed before there was a processor."""
        fades = math.exp(-wall / WINDOW)
        self._share = fades * self._share + (1 - fades) * waited / wall
        if self._share > CONTENDED:
            if self.spins or not self._patience:
                self._patience = min(LAST, max(FIRST, 2 * self._patience))
            self.spins, self._calm = False, 0.0
        elif not self.spins:
            self._calm += wall
            self.spins = self._calm >= self._patience


@final
class Crowd:
    """Idle OpenMP threads, more than there are processors together with those at work."""

    def __init__(self, parallel: Callable[..., object], harmless: Any) -> None:
        """Begin with none.

        Args:
            parallel: OpenMP's `GOMP_parallel`.
            harmless: function for its threads to call.
        """
        self._parallel, self._harmless = parallel, harmless
        self._lock = forks.lock()
        self._until = 0.0
        self._go = threading.Event()
        self._thread: threading.Thread | None = None
        forks.in_child(at_once=self._forget)

    def keep(self) -> None:
        """Have them, for as long as what was seen is remembered."""
        with self._lock:
            self._until = time.monotonic() + MEMORY
            self._go.clear()
            if self._thread is None:
                size = (os.cpu_count() or 1) - torch.get_num_threads() + 2
                self._thread = threading.Thread(
                    target=self._stay, args=(max(2, size),), name="guidewidgets-barriers", daemon=True
                )
                self._thread.start()

    def leave(self) -> None:
        """Let them go."""
        with self._lock:
            self._until = 0.0
            self._go.set()

    def _forget(self) -> None:
        self._go, self._thread = threading.Event(), None  # it stays behind

    def _stay(self, size: int) -> None:
        # They belong to this thread, and end with it.
        self._parallel(self._harmless, None, ctypes.c_uint(size), ctypes.c_uint(0))
        while True:
            with self._lock:
                left = self._until - time.monotonic()
                if left <= 0:
                    self._thread = None
                    return
            self._go.wait(left)


@final
class Barriers:
    """Of this process: what was seen, and what is done about it."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._lock = forks.lock()
        self._pace, self._seen = Pace(spins=False), float("-inf")

    @contextmanager
    def around(self) -> Generator[None]:
        """Around some of the work."""
        start, before = time.monotonic(), waited()
        if before is None or torch.get_num_threads() < 2:
            yield
            return
        with self._lock:
            if start - self._seen > MEMORY:
                self._pace = Pace(spins=free())
            spins = self._pace.spins
        if spins:
            self._crowd.leave()
        else:
            self._crowd.keep()
        try:
            yield
        finally:
            with self._lock:
                self._seen = time.monotonic()
                self._pace.see((waited() or before) - before, max(1e-9, self._seen - start))


def waited() -> float | None:
    """Seconds that this thread has waited for a processor in its life; None where the system does not say."""
    try:
        return int(WAITED.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def free() -> bool:
    """Whether there is a processor for each thread that wants one now; not where the system does not say."""
    try:
        wanting = int(WANTING.read_text().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return False
    return wanting <= (os.cpu_count() or 1)


def eased(device: torch.device) -> AbstractContextManager[None]:
    """Around work of torch's threads on a device."""
    barriers = of_process() if device.type == "cpu" else None
    return nullcontext() if barriers is None else barriers.around()


@cache
def of_process() -> Barriers | None:
    """The barriers of GNU's OpenMP; None where torch has another, or its user has chosen how it waits."""
    if sys.platform != "linux" or CHOSEN & os.environ.keys():
        return None
    try:
        openmp: Any = ctypes.CDLL(str(sys.modules["torch._C"].__file__))  # and all that it is linked with
        if hasattr(openmp, "kmp_set_blocktime"):  # LLVM's or Intel's, by the names of GNU's
            return None
        return Barriers(Crowd(openmp.GOMP_parallel, openmp.omp_get_num_threads))
    except (OSError, AttributeError):
        return None
