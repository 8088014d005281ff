"""What pictures hold of what they were asked for: marks on tiles, and the order by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from guidewidgets.prompt.spoken import NOT
from guidewidgets.session.actions.verify import MISSING, THERE, UNSURE, sign
from guidewidgets.untrusted import SessionFileError

if TYPE_CHECKING:
    from guidewidgets.session import Candidate
    from guidewidgets.widgets.state import Show

MOST = 6
"""Concepts with a mark of their own on a tile."""
LONGEST = 16
"""Characters of a concept beside its mark."""
WORDS = {THERE: "shows", UNSURE: "may show", MISSING: "lacks"}
UNWANTED = {THERE: "is without", UNSURE: "may be without", MISSING: "shows the unwanted"}
ARTICLE = re.compile(r"^(a|an|the) ", re.IGNORECASE)
Badge = tuple[list[tuple[str, str]], str]
"""(short name, sign) of each concept, and the same in words."""


def holds(candidate: Candidate) -> Mapping[str, float]:
    """Lifts that are known, in the prompt's order; empty where they are not, or the recipe was lost."""
    with suppress(SessionFileError):
        return candidate.holds
    return {}


def badge(candidate: Candidate) -> Badge | None:
    """A mark for each concept, and the same in words; None where nothing was measured."""
    if not (lifts := holds(candidate)):
        return None
    marks = [(short(name), sign(lift)) for name, lift in lifts.items()]
    return marks[:MOST], ", ".join(f"{in_words(name, lift)} ({lift:+.3f})" for name, lift in lifts.items())


def unchecked(show: Show) -> bool:
    """Whether a picture was asked for several concepts, NOT included, and nobody knows yet what it holds."""
    for one in show.candidates.values():
        with suppress(SessionFileError):
            asked = sum(concept.model is None for concept in one.genome.prompt.concepts())
            if asked > 1 and not one.filtered and not one.holds:
                return True
    return False


def short(name: str) -> str:
    """A concept as its mark is named: "fox", "no house"."""
    text = ARTICLE.sub("", name.removeprefix(NOT))
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f"no {text}" if name.startswith(NOT) else text


def in_words(name: str, lift: float) -> str:
    """What a mark means."""
    words = UNWANTED if name.startswith(NOT) else WORDS
    return f"{words[sign(lift)]} {name.removeprefix(NOT)}"


def by_holds(show: Show) -> Show:
    """The same, those first that clearly show all; then those of which something cannot be told; then what lacks it.

    Among equals the one whose least lift is greatest is first. Those not measured come last, in their order.
    """
    lifts = {slot: list(holds(one).values()) for slot, one in show.candidates.items()}

    def rank(slot: int) -> tuple[bool, int, int, float]:
        known = lifts.get(slot, [])
        signs = [sign(lift) for lift in known]
        return not known, signs.count(MISSING), signs.count(UNSURE), -min(known, default=0.0)

    return replace(show, slots=tuple(sorted(show.slots, key=rank)))
