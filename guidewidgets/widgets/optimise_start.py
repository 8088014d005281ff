"""Which candidate a panel is about, and an optimisation of it that a page asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from guidewidgets.widgets import checks

if TYPE_CHECKING:
    from guidewidgets.region import Region
    from guidewidgets.session import Candidate, Job, Session

MOST_CHOICES = 200
MOST_WORDS = 40
STEPS = checks.integer(1, 1_000)
"""Updates that a page may ask for."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_LITTLE = {"an", "the", "of", "on", "in", "at", "to", "and", "or", "not", "with", "by", "is", "are", "from"}


def on_show(session: Session, slot: int | None = None) -> list[int]:
    """Numbers of the candidates in the generation of this one; None, or one that was undone: the newest."""
    generations = [[c.id for c in g] for g in session.history if len(g)]
    its = [g for g in generations if slot in g]
    return next(iter(its or generations[-1:]), [])[:MOST_CHOICES]


def choices(session: Session, slot: int | None = None) -> list[int]:
    """What a panel can turn to: the generation of this candidate, see `on_show`, then the favourites of all."""
    favourites = [c.id for generation in session.history for c in generation if c.starred]
    return list(dict.fromkeys([*on_show(session, slot), *favourites]))[:MOST_CHOICES]


def in_force(session: Session, slot: int) -> bool:
    """Whether a candidate is in a generation that was not undone."""
    return any(c.id == slot for generation in session.history for c in generation)


def chosen(session: Session, slot: int | None = None) -> Candidate:
    """A candidate by number; without one the first star of the newest generation, or its first.

    Raises:
        ValueError: there is none yet.
        IndexError: no such number.
    """
    if slot is not None:
        return session[slot]
    generations = [g for g in session.history if len(g)]
    if not generations:
        raise ValueError("no candidate yet: generate some, then look at them here")
    starred = generations[-1].starred
    return starred[0] if starred else generations[-1][0]


def words(candidate: Candidate) -> list[str]:
    """Words of a candidate's prompt that may be somewhere in its picture."""
    found = _WORD.findall(" ".join(term.text for term in candidate.genome.prompt.concepts()))
    return [word for word in dict.fromkeys(found) if word.lower() not in _LITTLE][:MOST_WORDS]


def start(
    session: Session,
    candidate: Candidate,
    wanted: str | None,
    steps: int,
    method: str,
    saliency: str | Region | None = None,
) -> Job:
    """Optimise a candidate towards a text; None: its own prompt.

    Raises:
        ValueError, TypeError: see `Session.optimize`.
    """
    from guidewidgets.guide import ClipText  # which loads torch

    text = wanted or " ".join(words(candidate))
    return session.optimize(candidate.id, ClipText(text), method, steps, saliency=saliency)
