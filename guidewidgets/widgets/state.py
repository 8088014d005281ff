"""What a page shows, as JSON: a session's view turned into cells, a title, progress and notices."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guidewidgets.arguments import plural
from guidewidgets.prompt import PromptError
from guidewidgets.session.operators import OPERATORS
from guidewidgets.session.operators.cross import FRESH_SHARE
from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets import compare
from guidewidgets.widgets.damaged import label_of, parents_of, picture_of
from guidewidgets.widgets.holds import badge

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Generation, Job, Session
    from guidewidgets.session.events import Notice, View

LABEL = 300
"""Characters of a prompt that are read out as a tile's name."""
DETAIL = 20_000
"""Characters of a traceback that are shown; its end is kept."""
PARENTS_NAMED = 6
MOST_PARENTS = 12
"""Parents whose pictures stand above their children."""


@dataclass(frozen=True, slots=True)
class Show:
    """What is on show: slots in grid order, the finished candidates among them, the size of the others."""

    slots: tuple[int, ...]
    candidates: Mapping[int, Candidate]
    job: Job | None
    size: tuple[int, int]


def on_show(view: View, finished: Mapping[int, Candidate], at: Generation | None = None) -> Show:
    """What to look at: the job under way, else a generation.

    Args:
        view: the session's state.
        finished: candidates of jobs under way that have their final image.
        at: the generation; None: the newest.
    """
    if view.pending is not None:
        return Show(view.pending.slots, finished, view.pending, view.settings.size)
    candidates = {c.id: c for c in at or view.generation or ()}
    return Show(tuple(candidates), candidates, None, view.settings.size)


def notices(view: View, told: Sequence[Notice] = ()) -> list[dict[str, Any]]:
    """The newest lines for the user, without those that were told elsewhere."""
    return [
        {"level": n.level, "text": n.text, "detail": n.detail[-DETAIL:], "times": n.times}
        for n in view.notices
        if n not in told
    ]


def failure(error: BaseException) -> dict[str, Any]:
    """What the page is told of an error: one line, the traceback a click away, the place in a prompt."""
    detail = "".join(traceback.format_exception(error))[-DETAIL:]
    if isinstance(error, PromptError):
        where = {"line": error.line, "column": error.column, "hint": error.hint}
        return {"message": error.message, "detail": detail, **where}
    first = (str(error).splitlines() or [""])[0]
    clear = isinstance(error, ValueError | TypeError | IndexError)
    message = first if clear and first else f"{type(error).__name__}: {first}"
    return {"message": message, "detail": detail}


def page_state(
    session: Session,
    view: View,
    show: Show,
    seen: frozenset[int],
    pending: Mapping[int, str],
    at: Generation | None = None,
) -> dict[str, Any]:
    """What the page shows besides what every widget does, without the pictures.

    Args:
        session: asked for the parents that Evolve would take.
        view: its state.
        show: see `on_show`.
        seen: slots that have a preview.
        pending: marks on images that are still being made.
        at: the generation on show; None: the newest.
    """
    settings = view.settings
    generations = session.history
    starred = [c for one in generations for c in one if c.starred]
    at = at or view.generation
    place = next((i for i, one in enumerate(generations) if at and one.index == at.index), None)
    return {
        "settings": {
            "prompt": str(settings.prompt),
            "steps": settings.steps,
            "guidance": settings.guidance,
            "sampler": settings.sampler,
        },
        "title": title(view, show, at),
        "cells": [_cell(view, slot, show.candidates.get(slot), seen, pending) for slot in show.slots],
        "ahead": max(0, len(view.jobs) - 1),
        "generations": [[one.index, cover(one)] for one in generations if len(one)],
        "at": None if show.job else place,
        "family": [] if show.job or at is None else family(at)[:MOST_PARENTS],
        "parents": parents(session),
        "fresh": fresh(generations),
        "stars": [c.id for c in starred],
        "offers": [] if generations or view.jobs else [one.told for one in session.offers],
        "notes": notes([*show.candidates.values(), *starred]),
        "can_undo": view.can_undo,
        "can_redo": view.can_redo,
    }


def notes(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    """What was written about those that have a note or tags."""
    noted = {c.id: c for c in candidates if c.marks.said}
    return [{"slot": i, "note": c.note, "tags": ", ".join(c.tags)} for i, c in noted.items()]


def _cell(
    view: View, slot: int, candidate: Candidate | None, seen: frozenset[int], pending: Mapping[int, str]
) -> dict[str, Any]:
    repairable = False
    if candidate is None:
        width, height = view.settings.size
        label, mark = str(view.settings.prompt), "none"
        phase = "preview" if slot in seen else "pending"
        comparison = "none"
    else:
        width, height = picture_of(candidate).size
        label = label_of(candidate)
        mark = "star" if candidate.starred else "reject" if candidate.rejected else "none"
        phase = "done"
        comparison = compare.kind(candidate)
        with suppress(SessionFileError):
            repairable = sum(c.shown for c in candidate.genome.prompt.concepts()) > 1
    return {
        "slot": slot,
        "phase": phase,
        "mark": pending.get(slot, mark),
        "filtered": candidate is not None and bool(candidate.filtered),
        "reason": candidate.filtered.reason if candidate else "",
        "w": width,
        "h": height,
        "label": label[:LABEL] or "no prompt",
        "compare": comparison,
        "repair": repairable,
        "holds": candidate and badge(candidate),
    }


def job_state(job: Job) -> dict[str, Any]:
    """How far a job is."""
    p = job.progress
    return {
        "job": job.id,
        "operator": job.operator,
        "state": job.state,
        "progress": {
            "step": p.step,
            "steps": p.steps,
            "done": p.done,
            "n": p.n,
            "fraction": round(p.step / p.steps, 4) if p.steps else 0.0,
            "rate": round(p.rate, 3) if p.rate else None,
            "elapsed": round(p.elapsed, 2),
            "remaining": None if p.remaining is None else round(p.remaining, 1),
            "message": p.message,
        },
    }


def parents(session: Session) -> list[int]:
    """Those that Evolve would take: starred in the newest generation that has stars."""
    starred = ([c.id for c in generation if c.starred] for generation in reversed(session.history))
    return next(filter(None, starred), [])


def fresh(generations: Sequence[Generation]) -> float:
    """The share of new noise that Evolve took last."""
    for generation in reversed(generations):
        with suppress(SessionFileError):
            share = generation[-1].recipe.parameters.get("fresh") if generation.operator == "cross" else None
            if share is not None:
                return float(share)
    return FRESH_SHARE


def cover(generation: Generation) -> int:
    """The candidate that stands for all: the first star, else the first."""
    return next((c.id for c in generation if c.starred), generation[0].id)


def family(generation: Generation) -> list[int]:
    """Numbers of the parents of a generation."""
    return sorted({parent for candidate in generation for parent in parents_of(candidate) if parent >= 0})


def title(view: View, show: Show, at: Generation | None = None) -> str:
    """The line above the grid: "12 children of 4, 7, 9"; with their prompt where another is in force."""
    job = show.job
    if job is not None:
        known = OPERATORS.get(job.operator)
        text = "{images} by " + job.operator if known is None else known.title
        return text.format(images=plural(len(job.slots), "image"))
    at = at or view.generation
    if at is None:
        return ""
    asked, theirs = view.settings.prompt, set[str]()
    with suppress(SessionFileError):
        theirs = {str(one.genome.prompt) for one in at}
    others = len(theirs) == 1 and not asked.has_or and theirs != {str(asked)}
    return f"{origin(at)} · {theirs.pop()}" if others else origin(at)


def origin(made: Generation) -> str:
    """What made it: "12 children of 4, 7"."""
    parents, operator = family(made), made.operator
    if not parents:
        return plural(len(made), "image")
    known = OPERATORS.get(operator)
    one, several, joined = ("image", "images", f"by {operator} from") if known is None else known.made
    named = ", ".join(map(str, parents[:PARENTS_NAMED])) + (" …" if len(parents) > PARENTS_NAMED else "")
    with suppress(SessionFileError):
        if operator == "repair" and all(child.hash in child.recipe.parents for child in made):
            return f"nothing repaired: a copy of {named}"
    return f"{len(made)} {one if len(made) == 1 else several} {joined} {named}"
