"""History: user events with a cursor. Undo moves the cursor and deletes nothing; acting after undo branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.marks import Marks
from guidewidgets.settings import RenderSettings


@dataclass(frozen=True, slots=True)
class Marked:
    """Marks changed: candidate → (before, after)."""

    changes: tuple[tuple[Candidate, Marks, Marks], ...]


@dataclass(frozen=True, slots=True)
class Set:
    """A setting changed."""

    before: RenderSettings
    after: RenderSettings


@dataclass(frozen=True, slots=True)
class Chosen:
    """One candidate was preferred over others, or (better is None) nobody could tell which of the others is best."""

    better: Candidate | None
    others: tuple[Candidate, ...]

    @property
    def shown(self) -> tuple[Candidate, ...]:
        """All that the choice was among."""
        return self.others if self.better is None else (self.better, *self.others)


@dataclass(frozen=True, slots=True)
class Made:
    """A generation was made."""

    generation: Generation


UserEvent = Marked | Set | Chosen | Made


@final
class History:
    """Events up to the cursor are in force. Not thread-safe: its session holds the lock."""

    def __init__(self) -> None:
        self.events: list[UserEvent] = []
        self.numbers: list[int] = []
        self.cursor = 0
        self.branches: list[list[UserEvent]] = []

    def push(self, number: int, event: UserEvent) -> None:
        """Note an event that is in force already; undone events become a branch of their own."""
        if self.cursor < len(self.events):
            self.branches.append(self.events[self.cursor :])
            del self.events[self.cursor :], self.numbers[self.cursor :]
        self.events.append(event)
        self.numbers.append(number)
        self.cursor += 1

    def number_at(self, cursor: int) -> int | None:
        """Number of the last event in force if the cursor stood here; None before the first."""
        return self.numbers[cursor - 1] if cursor else None

    def back(self) -> UserEvent | None:
        """Move before the last event in force and return it."""
        if not self.cursor:
            return None
        self.cursor -= 1
        return self.events[self.cursor]

    def forward(self) -> UserEvent | None:
        """Move past the next undone event and return it."""
        if self.cursor == len(self.events):
            return None
        self.cursor += 1
        return self.events[self.cursor - 1]

    @property
    def choices(self) -> list[Chosen]:
        """Preferences in force, oldest first."""
        return [event for event in self.events[: self.cursor] if isinstance(event, Chosen)]

    @property
    def generations(self) -> list[Generation]:
        """Generations in force, oldest first."""
        return [event.generation for event in self.events[: self.cursor] if isinstance(event, Made)]
