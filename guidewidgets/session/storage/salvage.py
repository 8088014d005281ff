"""The records of a store, read one by one: what cannot be read is left out and told, and never costs the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, final

from guidewidgets.genome_data import word
from guidewidgets.limits import MAX_CANDIDATES
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.history import Made, UserEvent
from guidewidgets.session.storage.lineage_rows import UNKNOWN
from guidewidgets.session.storage.records import event_from_data
from guidewidgets.session.storage.store import Store
from guidewidgets.untrusted import SessionFileError, bad, field, parse_json, whole

MAX_EVENTS = 1_000_000
MAX_NUMBER = 1 << 53  # of a candidate, event or job: there is always a next one
HASH_LENGTH = 64
TOLD = 4

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job that ever began."""

    number: int
    operator: str
    call: Any
    slots: range
    unfinished: bool


@dataclass(frozen=True, slots=True)
class Tree:
    """Events by number, and the number each follows; one that cannot be read keeps its place in `parents`."""

    events: dict[int, UserEvent] = dataclasses.field(default_factory=dict[int, UserEvent])
    parents: dict[int, int | None] = dataclasses.field(default_factory=dict[int, "int | None"])

    def path(self, at: int | None, after: Container[int] = ()) -> list[int]:
        """Numbers from the first event, or the first after some, to this one."""
        found: list[int] = []
        while at is not None and at not in after:  # parents come before their children, so this ends
            found.append(at)
            at = self.parents[at]
        return found[::-1]

    def followers(self, at: int) -> set[int]:
        """This event and all that came after it, on any branch."""
        found = {at}
        for number in sorted(self.parents):
            if self.parents[number] in found:
                found.add(number)
        return found

    def generations(self) -> list[tuple[int, Made]]:
        """The events that made generations, with their numbers."""
        return [(number, event) for number, event in self.events.items() if isinstance(event, Made)]

    @property
    def made(self) -> list[Generation]:
        """All generations."""
        return [event.generation for _, event in self.generations()]


@final
class Records:
    """Reads a store.

    Attributes:
        lost: what could not be read, a few words each.
        taken: the highest number that a candidate had.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lost = ["parts of its database"] if store.rebuilt else []
        rows = store.rows("SELECT key, value FROM meta")
        self._meta = {key: value for key, value in rows if isinstance(key, str)}
        self.taken = max((number for number in store.contents.numbers() if number < MAX_NUMBER), default=-1)

    @property
    def warning(self) -> str:
        """What was left out, as one line; empty where nothing was."""
        more = f" and {len(self.lost) - TOLD} more" if len(self.lost) > TOLD else ""
        return f"damaged, and left out: {'; '.join(self.lost[:TOLD])}{more}" if self.lost else ""

    def attempt(self, what: str, read: Callable[[], Read]) -> Read | None:
        """What is read; None, and a note of it, where it cannot be."""
        try:
            return read()
        except SessionFileError as error:
            self.lost.append(f"{what} ({str(error)[:80]})")
            return None

    def meta(self, key: str, read: Callable[[Mapping[str, Any]], Read]) -> Read | None:
        """A value kept with the session, which `read` takes from an object by the name `key`."""

        def value() -> Read:
            if key not in self._meta:
                raise bad("gone")
            kept = parse_json(field(self._meta, key, str), key)
            return read({key: kept.get("value")})

        return self.attempt(f"the session's {key}", value)

    def candidates(self) -> tuple[dict[int, Candidate], dict[int, int]]:
        """Candidates by number, and the jobs that made them."""
        found: dict[int, Candidate] = {}
        jobs: dict[int, int] = {}
        query = "SELECT id, hash, filtered, job FROM candidates ORDER BY id LIMIT ?"
        for row in self._store.rows(query, MAX_CANDIDATES):
            if (
                candidate := self.attempt(f"candidate {row[0]}", lambda row=row: self._candidate(row))
            ) is not None:
                found[candidate.id], jobs[candidate.id] = candidate, row[3]
                self.taken = max(self.taken, candidate.id)
        return found, jobs

    def _candidate(self, row: Any) -> Candidate:
        number, content, filtered, _ = row
        whole({"number": number}, "number", 0, MAX_NUMBER)
        whole({"filtered": filtered}, "filtered", 0, max(Filtered))
        if not isinstance(content, str) or len(content) != HASH_LENGTH:
            raise bad("it has no content hash")
        return Candidate.shelved(number, content, self._store.contents, filtered=filtered)

    def jobs(self) -> list[JobRow]:
        """Jobs, oldest first."""
        query = "SELECT number, operator, call, first, count, state FROM jobs ORDER BY number LIMIT ?"
        rows = self._store.rows(query, MAX_EVENTS)
        read = [self.attempt(f"job {row[0]}", lambda row=row: _job(row)) for row in rows]
        return [job for job in read if job is not None]

    def tree(
        self, candidates: Mapping[int, Candidate], makers: Mapping[int, int], jobs: Sequence[JobRow]
    ) -> Tree:
        """Events; where a generation cannot be read, what a job made by then that no other holds."""
        tree = Tree()
        last: int | None = None
        gaps: list[int] = []
        for row in self._store.rows("SELECT * FROM events ORDER BY number LIMIT ?", MAX_EVENTS):
            number, parent, kind, _ = row
            if not 0 <= number < MAX_NUMBER:
                self.lost.append(f"event {number}")
                continue
            if parent is not None and parent not in tree.parents:
                self.lost.append(f"what event {number} follows")
                parent = last
            tree.parents[number], last = parent, number
            event = self.attempt(f"event {number}", lambda row=row: self._event(row, candidates))
            if event is not None:
                tree.events[number] = event
            elif kind == "made":
                gaps.append(number)
        for number in gaps:
            held = {c.id for generation in tree.made for c in generation}
            free = [i for i, job in makers.items() if i not in held and job < number]
            index = max((e.generation.index + 1 for n, e in tree.generations() if n < number), default=0)
            if free:
                job = makers[free[-1]]
                members = tuple(candidates[i] for i in free if makers[i] == job)
                operator = next((row.operator for row in jobs if row.number == job), UNKNOWN)
                tree.events[number] = Made(Generation(index, operator, members, job))
        return tree

    def _event(self, row: Any, candidates: Mapping[int, Candidate]) -> UserEvent:
        """An event, without the candidates that are lost: they cost neither siblings nor what was marked with them."""
        _, _, kind, written = row
        data = parse_json(field({"data": written}, "data", str), "it")

        def find(number: int) -> Candidate:
            if number not in candidates:
                raise bad(f"it speaks of candidate {number}, which is not there")
            return candidates[number]

        def there(entry: Any) -> bool:
            number = entry[0] if isinstance(entry, list) and entry else entry
            return number in candidates if isinstance(number, int) else True

        for name in ("candidates", "changes"):
            entries = data.get(name)
            if isinstance(entries, list) and not all(map(there, entries)):
                data[name] = [entry for entry in entries if there(entry)]
                if not data[name]:
                    raise bad("none of its candidates is there")
        return event_from_data(kind, data, find)


def _job(row: Any) -> JobRow:
    number, operator, call, first, count, state = row
    whole({"job": number}, "job", 0, MAX_NUMBER)
    whole({"first": first}, "first", 0, MAX_NUMBER)
    whole({"count": count}, "count", 1, MAX_CANDIDATES)
    name = word({"operator": operator}, "operator")
    return JobRow(number, name, call, range(first, first + count), state == "open")
