"""The lineage in words: what buttons call the operators, and whose noise a candidate began with."""

from __future__ import annotations

from collections.abc import Callable

from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.lineage.owner_map import SHARED, shares

_NAMES = {
    "sample": "Generate",
    "cross": "Evolve",
    "mutate": "Vary",
    "optimize": "Optimise",
    "restore": "Open",
}
"""As buttons call the operators; the others are called the same everywhere."""


def called(operator: str) -> str:
    """What the button that does it is called."""
    return _NAMES.get(operator, operator.capitalize())


def noise(child: Candidate, find: Callable[[int], Candidate]) -> str:
    """Whose starting noise it has, as one sentence whose shares add up; empty where it is a mixture, or none is known.

    The one measure of descent that is told anywhere: of places of the latent, bit for bit.

    Args:
        child: a candidate.
        find: gives candidates by number; a damaged one is as good as none.
    """
    try:
        found = shares(child, find)
    except (ValueError, LookupError):  # without parents, or they are in another session
        return ""
    new, shared = found.pop(FRESH), found.pop(SHARED)
    if new == 100:
        return ""
    whose = "in both" if len(found) == 2 else "in several of them"
    parts = [f"{percent} % is from {number}" for number, percent in found.items()]
    parts += [f"{shared} % is {whose}"] * (shared > 0) + [f"{new} % is new"] * (new > 0)
    return f"Of its starting noise {', '.join(parts)}."
