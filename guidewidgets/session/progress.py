"""How far a job is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        step: denoising steps done, over all its images' batches.
        steps: denoising steps in all.
        done: images finished.
        n: images asked for.
        elapsed: seconds since it began to run.
        message: what it is doing, one line.
    """

    step: int
    steps: int
    done: int
    n: int
    elapsed: float = 0.0
    message: str = "waiting"

    @property
    def rate(self) -> float:
        """Steps per second so far."""
        return self.step / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds left, or None before the first step."""
        return (self.steps - self.step) / self.rate if self.rate else None
