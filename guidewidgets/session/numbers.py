"""Numbers of a session's events, candidates and generations: counted up, and never given twice."""

from __future__ import annotations

from typing import final

from guidewidgets import forks


@final
class Numbers:
    """Counters from 0. Safe on any thread."""

    def __init__(self) -> None:
        self._lock = forks.lock()
        self.begin(0, 0, 0)

    def begin(self, event: int, candidate: int, generation: int) -> None:
        """Continue counting from the numbers of a session that was opened."""
        self.next_event, self.next_candidate, self.next_generation = event, candidate, generation

    def event(self) -> int:
        """Number of a new user event or job."""
        with self._lock:
            self.next_event += 1
            return self.next_event - 1

    def candidates(self, n: int) -> tuple[int, ...]:
        """Numbers of n new candidates."""
        with self._lock:
            self.next_candidate += n
            return tuple(range(self.next_candidate - n, self.next_candidate))

    def generation(self) -> int:
        """Index of a new generation in the history."""
        with self._lock:
            self.next_generation += 1
            return self.next_generation - 1
