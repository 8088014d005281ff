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
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
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
MOST = 64  # idle threads: where there cannot be one more, OpenMP ends the process
WAITED = Path("/proc/thread-self/schedstat")
WANTING = Path("/proc/loadavg")


@final
class Pace:
    """Whether to spin, by how long a thread waited for a processor of late.

    Attributes:
        spins: the verdict.
    """

    def __init__(self) -> None:
        """Begin asleep: to spin in vain costs twenty times the work, to sleep in vain less than twice, and once."""
        self.spins = False
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
            # A thread that sleeps much is let in first: it may wait for nobody, and would, if it span.
            self.spins = self._calm >= self._patience and free()


@final
class Crowd:
    """Idle OpenMP threads, more than there are processors together with those at work."""

    def __init__(self, openmp: Any) -> None:
        """Begin with none."""
        self._openmp = openmp
        self._changed = threading.Condition(forks.lock())
        self._until = 0.0
        self._thread: threading.Thread | None = None

    def stay(self, until: float) -> None:
        """Have them until then, by `time.monotonic`; 0 lets them go."""
        with self._changed:
            self._until = until
            self._changed.notify_all()
            if time.monotonic() < until and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(
                    target=self._stay, args=(needed(),), name="guidewidgets-barriers", daemon=True
                )
                with suppress(RuntimeError):  # no thread to be had: then they spin
                    self._thread.start()

    def _stay(self, size: int) -> None:
        # The threads belong to this one, and end with it. What they call only has to be harmless.
        idle = self._openmp.omp_get_num_threads
        self._openmp.GOMP_parallel(idle, None, ctypes.c_uint(size), ctypes.c_uint(0))
        with self._changed:
            while time.monotonic() < self._until:
                self._changed.wait(MEMORY)
            self._thread = None


@final
class Barriers:
    """Of this process: what was seen, and what is done about it."""

    def __init__(self, crowd: Crowd) -> None:
        """Begin with nothing seen."""
        self._crowd = crowd
        self._lock = forks.lock()
        self._pace, self._seen = Pace(), 0.0

    @contextmanager
    def around(self) -> Generator[None]:
        """Around some of the work."""
        start, before = time.monotonic(), waited()
        if before is None or torch.get_num_threads() < 2 or needed() > MOST:
            yield
            return
        with self._lock:
            if start - self._seen > MEMORY:
                self._pace = Pace()
            spins = self._pace.spins
        try:
            self._crowd.stay(0 if spins else math.inf)
            yield
        finally:
            end, after = time.monotonic(), waited() or before
            with self._lock:
                self._seen = end
                self._pace.see(after - before, max(1e-9, end - start))
            if not spins:  # what comes between two calls has barriers too
                self._crowd.stay(end + MEMORY)


def waited() -> float | None:
    """Seconds that this thread has waited for a processor in its life; None where the system does not say."""
    try:
        return int(WAITED.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def free() -> bool:
    """Whether there is a processor for every thread of the machine that wants one now."""
    try:
        return int(WANTING.read_text().split()[3].partition("/")[0]) <= (os.cpu_count() or 1)
    except (OSError, ValueError, IndexError):
        return True


def needed() -> int:
    """How many threads, ours among them, make more than there are processors for this process."""
    return max(2, len(os.sched_getaffinity(0)) - torch.get_num_threads() + 2)


def eased(device: torch.device) -> AbstractContextManager[None]:
    """Around work of torch's threads on a device."""
    barriers = of_process() if device.type == "cpu" else None
    return nullcontext() if barriers is None else barriers.around()


def end_team() -> None:
    """End the threads that OpenMP keeps for this thread, which leaves work to another; it makes new ones at need.

    Every thread that calls torch has a team of its own, and keeps it: that of a notebook's thread, which has prepared
    a job, and that of the worker's are more than there are processors, and nobody spins. On a busy machine that is
    what is wanted, and they stay.
    """
    forks.settle()
    openmp = gnu()
    if openmp is not None and torch.get_num_threads() > 1 and free():  # one: no team, or a fork has lost it
        openmp.omp_pause_resource_all(ctypes.c_int(1))


@cache
def of_process() -> Barriers | None:
    """The barriers of this process; None where torch has another OpenMP, or its user has chosen how it waits."""
    openmp = None if CHOSEN & os.environ.keys() else gnu()
    return None if openmp is None else Barriers(Crowd(openmp))


@cache
def gnu() -> Any:
    """GNU's OpenMP, if torch has it; None: another, or one from before it could end a thread's team."""
    if sys.platform != "linux":
        return None
    try:
        openmp = ctypes.CDLL(str(sys.modules["torch._C"].__file__))  # and all that it is linked with
    except OSError:
        return None
    # LLVM's and Intel's have the names of GNU's, too.
    names = ("GOMP_parallel", "omp_get_num_threads", "omp_pause_resource_all")
    known = all(hasattr(openmp, name) for name in names) and not hasattr(openmp, "kmp_set_blocktime")
    return openmp if known else None
