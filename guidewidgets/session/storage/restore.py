"""From a store back to a session's state: candidates, the line of events in force, what was left unfinished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guidewidgets.genome_data import word
from guidewidgets.limits import MAX_CANDIDATES
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.history import Made, UserEvent
from guidewidgets.session.state import State
from guidewidgets.session.storage.records import (
    event_from_data,
)
from guidewidgets.session.storage.store import Store
from guidewidgets.settings import RenderSettings
from guidewidgets.untrusted import bad, field, parse_json, whole

MAX_EVENTS = 1_000_000
HASH_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A job that was under way when its session ended.

    Attributes:
        number: of the job.
        operator: its name.
        done: how many of its candidates were finished; these are kept.
        n: how many it was to make.
        call: how it was started, as JSON data.
        slots: numbers of the candidates that are missing.
    """

    number: int
    operator: str
    done: int
    n: int
    call: Mapping[str, Any]
    slots: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.operator} of {self.n}, {self.done} done"


def restore(store: Store) -> tuple[State, tuple[Unfinished, ...]]:
    """The state as it was, and the jobs to offer again.

    Raises:
        SessionFileError: rows of the database are missing, or not what a session writes.
    """
    state = State(
        RenderSettings.from_data(field({"settings": store.read_meta("settings")}, "settings", dict)), store
    )
    state.candidates = _candidates(store)
    events = _events(store, state.candidates)
    _lay(store, state, events)
    jobs = store.rows(
        "SELECT number, operator, call, first, count, state FROM jobs ORDER BY number LIMIT ?", MAX_EVENTS
    )
    for number, _, _, first, count, _ in jobs:
        whole({"job": number}, "job")
        whole({"first": first}, "first")
        whole({"count": count}, "count", 1, MAX_CANDIDATES)
    made = {i for _, e in events.values() if isinstance(e, Made) for c in e.generation for i in (c.id,)}
    state.begin_numbers(
        event=1 + max([*events, *(job[0] for job in jobs)], default=-1),
        candidate=1 + max([*state.candidates, *(job[3] + job[4] - 1 for job in jobs)], default=-1),
        generation=1
        + max((e.generation.index for _, e in events.values() if isinstance(e, Made)), default=-1),
    )
    if store.readonly:
        return state, ()
    unfinished = [_end(store, state, job, made) for job in jobs if job[5] == "open"]
    return state, tuple(job for job in unfinished if job is not None)


def _candidates(store: Store) -> dict[int, Candidate]:
    rows = store.rows("SELECT id, hash, filtered FROM candidates ORDER BY id LIMIT ?", MAX_CANDIDATES)
    for number, content_hash, filtered in rows:
        whole({"candidate": number}, "candidate")
        whole({"filtered": filtered}, "filtered", 0, max(Filtered))
        if not isinstance(content_hash, str) or len(content_hash) != HASH_LENGTH:
            raise bad(f"candidate {number} has no content hash")
    return {row[0]: Candidate.shelved(row[0], row[1], store.contents, filtered=row[2]) for row in rows}


def _events(store: Store, candidates: Mapping[int, Candidate]) -> dict[int, tuple[int | None, UserEvent]]:
    def find(number: int) -> Candidate:
        if number not in candidates:
            raise bad(f"an event speaks of candidate {number}, which is not there")
        return candidates[number]

    events: dict[int, tuple[int | None, UserEvent]] = {}
    for number, parent, kind, data in store.rows("SELECT * FROM events ORDER BY number LIMIT ?", MAX_EVENTS):
        whole({"event": number}, "event")
        if parent is not None and parent not in events:
            raise bad(f"event {number} follows one that is not there")
        fields = parse_json(field({"data": data}, "data", str), f"event {number}")
        events[number] = (parent, event_from_data(kind, fields, find))
    return events


def _lay(store: Store, state: State, events: Mapping[int, tuple[int | None, UserEvent]]) -> None:
    """Put the line from the first event to the tip into the history, in force up to the cursor."""
    cursor, tip = store.read_meta("cursor"), store.read_meta("tip")
    line: list[int] = []
    at = tip
    while at is not None:  # parents come before their children, so this ends
        if not isinstance(at, int) or at not in events:
            raise bad(f"the session stands at event {at!r:.20}, which is not there")
        line.append(at)
        at = events[at][0]
    line.reverse()
    if cursor is not None and cursor not in line:
        raise bad(f"the session stands at event {cursor!r:.20}, which is not on its line")
    history = state.history
    history.events, history.numbers = [events[n][1] for n in line], line
    history.cursor = 0 if cursor is None else line.index(cursor) + 1
    on_line = set(line)
    parents = {parent for parent, _ in events.values()}
    for leaf in (n for n in events if n not in parents and n not in on_line):
        branch: list[UserEvent] = []
        at = leaf
        while at is not None and at not in on_line:
            branch.append(events[at][1])
            at = events[at][0]
        history.branches.append(branch[::-1])
    state.replay()


def _end(store: Store, state: State, job: Any, made: set[int]) -> Unfinished | None:
    """Show what an interrupted job finished; offer it again where something is missing."""
    number, operator, call, first, count, _ = job
    word({"operator": operator}, "operator")
    done = [state.candidates[i] for i in range(first, first + count) if i in state.candidates]
    fresh = tuple(c for c in done if c.id not in made)
    if fresh:
        event, at = Made(Generation(state.next_generation(), operator, fresh, number)), state.number_event()
        store.recover(at, event)
        state.history.push(at, event)
    if len(done) == count:
        store.end_interrupted(number)
        return None
    told = parse_json(field({"call": call}, "call", str), "a job's call")
    slots = tuple(range(first + len(done), first + count))
    return Unfinished(number, operator, len(done), count, told, slots)
