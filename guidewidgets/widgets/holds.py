"""What pictures hold of what they were asked for: badges of tiles, and the order by them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from guidewidgets.untrusted import SessionFileError

if TYPE_CHECKING:
    from guidewidgets.session import Candidate
    from guidewidgets.widgets.state import Show

MOST = 6
"""Concepts with a sign of their own on a tile."""
SURE = 0.015
"""Of a lift, either way: `guide.repair.HELD`; nearer to 0 it says nothing that one should tell a person."""
THERE, UNSURE, MISSING = "✓", "?", "✗"
WORDS = {THERE: "holds", UNSURE: "cannot tell", MISSING: "lacks"}


def holds(candidate: Candidate) -> Mapping[str, float]:
    """Lifts that are known; empty where they are not, or the recipe was lost."""
    with suppress(SessionFileError):
        return candidate.holds
    return {}


def badge(candidate: Candidate) -> tuple[str, str] | None:
    """A sign for each concept, and the same in words; None where nothing was measured."""
    if not (lifts := holds(candidate)):
        return None
    signs = [sign(lift) for lift in lifts.values()]
    words = [f"{WORDS[sign(lift)]} {text} ({lift:+.3f})" for text, lift in lifts.items()]
    return "".join(signs[:MOST]), ", ".join(words)


def sign(lift: float) -> str:
    """That it is there, that it is not, or that its lift does not say."""
    return UNSURE if abs(lift) < SURE else THERE if lift > 0 else MISSING


def by_holds(show: Show) -> Show:
    """The same, those first whose least concept is there most surely; those not measured last, in their order."""
    lifts = {slot: holds(one) for slot, one in show.candidates.items()}
    least = {slot: min(known.values()) for slot, known in lifts.items() if known}
    order = sorted(show.slots, key=lambda slot: -least.get(slot, float("-inf")))
    return replace(show, slots=tuple(order))
