"""Training is budgeted by the clock: warm up, stay, and decay linearly over the last third."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

# Read by glibc and OpenMP when a process starts, so they are set before the workers are spawned. Without the
# MALLOC_ lines large tensors go back to the kernel after every operation and page faults cost half of the time;
# with more than one thread the threads wait for each other on a busy machine.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "1000000000000",
    "MALLOC_TOP_PAD_": "268435456",
}


def prepare_environment() -> None:
    """Set what worker processes must find in their environment."""
    os.environ.update(ENVIRONMENT)


@dataclass
class Schedule:
    """A learning rate over wall-clock time.

    Args:
        minutes: the whole run.
        lr: the rate after warm-up and before decay.
        warmup: share of the run.
        decay: share of the run, at its end, in which the rate falls linearly to 0.
    """

    minutes: float
    lr: float
    warmup: float = 0.02
    decay: float = 0.35
    started: float = field(default_factory=time.monotonic)

    def progress(self) -> float:
        """Return the share of the run that is over, 1 or more at its end."""
        return (time.monotonic() - self.started) / (60 * self.minutes)

    def rate(self) -> float:
        """Return the learning rate now."""
        p = self.progress()
        return self.lr * max(0.0, min(1.0, p / self.warmup if self.warmup else 1.0, (1 - p) / self.decay))
