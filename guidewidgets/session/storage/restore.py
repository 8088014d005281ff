"""From a store back to a session's state: candidates, the line of events in force, what was left unfinished."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guidewidgets.genome import Genome
from guidewidgets.limits import MAX_SEED
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.history import Made, Set
from guidewidgets.session.state import State
from guidewidgets.session.storage.salvage import JobRow, Records, Tree
from guidewidgets.session.storage.store import Store
from guidewidgets.settings import RenderSettings
from guidewidgets.untrusted import SessionFileError, bad, field, parse_json, text, whole


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


@dataclass(frozen=True, slots=True)
class Restored:
    """A session as it was.

    Attributes:
        state: without what cannot be read.
        seed: of the session.
        model: id and revision of the model that its pictures are by.
        unfinished: jobs to offer again.
        warning: what was left out, one line; or empty.
    """

    state: State
    seed: int
    model: tuple[str, str]
    unfinished: tuple[Unfinished, ...]
    warning: str


def restore(store: Store) -> Restored:
    """The session as it was; what cannot be read is left out, and told.

    Raises:
        SessionFileError: nothing that can be read says what its settings or its model were.
    """
    records = Records(store)
    jobs = records.jobs()
    candidates, makers = records.candidates()
    tree = records.tree(candidates, makers, jobs)
    settings = records.meta("settings", lambda data: RenderSettings.from_data(field(data, "settings", dict)))
    seed = records.meta("seed", lambda data: whole(data, "seed", 0, MAX_SEED))
    model = records.meta("model", lambda data: text(data, "model"))
    revision = records.meta("revision", lambda data: text(data, "revision"))
    if settings is None or model is None or revision is None:
        example = _example(candidates)
        settings = settings or next(
            (e.before for e in tree.events.values() if isinstance(e, Set)), RenderSettings.of(example)
        )
        model, revision = example.model, example.revision
    state = State(settings, store)
    state.candidates = candidates
    cursor, tip = _lay(records, state, tree)
    state.numbers.begin(
        event=1 + max([*tree.parents, *(job.number for job in jobs)], default=-1),
        candidate=1 + max([records.taken, *(job.slots[-1] for job in jobs)]),
        generation=1 + max((generation.index for generation in tree.made), default=-1),
    )
    if store.readonly:
        return Restored(state, seed or 0, (model, revision), (), records.warning)
    if records.lost:  # the next event follows the cursor that is on the disk
        about = {"seed": seed or 0, "model": model, "revision": revision, "settings": settings.to_data()}
        with contextlib.suppress(OSError):
            store.note(**about, **({"cursor": cursor, "tip": tip} if tree.parents else {}))
    shown = {c.id for generation in tree.made for c in generation}
    unfinished = [_end(records, store, state, job, shown) for job in jobs]
    return Restored(
        state,
        seed or 0,
        (model, revision),
        tuple(job for job in unfinished if job is not None),
        records.warning,
    )


def _example(candidates: Mapping[int, Candidate]) -> Genome:
    """The first genome that can be read."""
    for candidate in candidates.values():
        with contextlib.suppress(SessionFileError):
            return candidate.genome
    raise bad("the session is damaged: nothing in it says any more what its settings and its model were")


def _lay(records: Records, state: State, tree: Tree) -> tuple[int | None, int | None]:
    """Put the line from the first event to the tip into the history, in force up to the cursor: both are returned."""

    def place(data: Mapping[str, Any]) -> int | None:
        (at,) = data.values()
        if at is not None and (not isinstance(at, int) or at not in tree.parents):
            raise bad(f"the session stands at event {at!r:.20}, which is not there")
        return at

    tip = cursor = None
    if tree.parents:
        lost = len(records.lost)
        cursor = records.meta("cursor", place)
        known = len(records.lost) == lost
        tip = records.meta("tip", place)
        if tip is None:
            tip = max(tree.parents if cursor is None else tree.followers(cursor))
        if not known or cursor not in (None, *tree.path(tip)):
            cursor = tip
    line, in_force = tree.path(tip), tree.path(cursor)
    history = state.history
    history.numbers = [n for n in line if n in tree.events]
    history.events = [tree.events[n] for n in history.numbers]
    history.cursor = len([n for n in in_force if n in tree.events])
    on_line, followed = set(line), set(tree.parents.values())
    for leaf in (n for n in tree.parents if n not in followed and n not in on_line):
        branch = [tree.events[n] for n in tree.path(leaf, on_line) if n in tree.events]
        history.branches.append(branch)
    state.replay()
    return cursor, tip


def _end(records: Records, store: Store, state: State, job: JobRow, shown: set[int]) -> Unfinished | None:
    """Show what a job made and no generation holds; offer it again where something is missing."""
    done = [state.candidates[i] for i in job.slots if i in state.candidates]
    fresh = tuple(c for c in done if c.id not in shown)
    if fresh:
        event, at = (
            Made(Generation(state.numbers.generation(), job.operator, fresh, job.number)),
            state.numbers.event(),
        )
        store.recover(at, event)
        state.history.push(at, event)
    if not job.unfinished:
        return None
    call = records.attempt(
        f"the interrupted job {job.number}",
        lambda: parse_json(field({"call": job.call}, "call", str), "its call"),
    )
    if len(done) == len(job.slots) or call is None:
        store.end_interrupted(job.number)
        return None
    return Unfinished(
        job.number, job.operator, len(done), len(job.slots), call, tuple(job.slots[len(done) :])
    )
