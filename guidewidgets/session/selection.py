"""Which candidates an operator takes as parents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real

from guidewidgets.arguments import as_list, as_plain, as_points, shown
from guidewidgets.limits import MAX_PARENTS
from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate, Generation, as_candidate
from guidewidgets.session.state import State
from guidewidgets.untrusted import SessionFileError

Spots = Iterable[tuple[float, float]] | tuple[float, float]
"""Spots (x, y), or one alone."""


def favourites(history: Sequence[Generation]) -> list[Candidate]:
    """Those starred in the newest generation that has stars; the newest is the one on show.

    Raises:
        ValueError: nothing is starred.
    """
    for generation in reversed(history):
        if generation.starred:
            return generation.starred
    raise ValueError("no parents: star at least one image, or name them, as in s.cross([4, 7])")


def chosen(state: State, numbers: Sequence[int] | None) -> list[Candidate]:
    """Candidates by their numbers; None: the favourites.

    Raises:
        TypeError, IndexError, ValueError: a number of none, no list, or nothing at all.
    """
    if numbers is None:
        return favourites(state.generations())
    return [state.find(number) for number in as_numbers(numbers)]


def clicked(parents: Sequence[Candidate]) -> dict[int, list[tuple[float, float]]]:
    """Spots that parents were starred for, by number; those without are left out."""
    return {c.id: list(c.marks.points) for c in parents if c.starred and c.marks.points}


def spots(at: Spots) -> tuple[tuple[float, float], ...]:
    """Spots (x, y) in [0, 1] as people give them, at least one. Raises ValueError or TypeError for what is none."""
    alone = as_list(at) or ()
    lone = len(alone) == 2 and all(isinstance(as_plain(share), Real) for share in alone)
    given = as_points("at", [alone] if lone else at)
    Region.points(given, 1.0)
    return tuple((float(x), float(y)) for x, y in given)


def times_varied(history: Sequence[Generation]) -> int:
    """How many of the newest generations in a row vary one favourite as a whole."""
    count = 0
    for generation in reversed(history):
        try:
            if generation.operator != "mutate" or "cosine" not in generation[0].recipe.parameters:
                break
        except SessionFileError:  # who cannot be read any more shall not stand in the way of the next
            break
        count += 1
    return count


def as_numbers(numbers: object) -> list[int]:
    """Candidate numbers as people give them: a list, a range, an array.

    Raises:
        TypeError: something else, or what is in it is no whole number.
        ValueError: none, or too many.
    """
    given = as_list(numbers)
    if given is None:
        raise TypeError(f"parents={shown(numbers)}: expected a list of candidate numbers, such as [4, 7]")
    if not 0 < len(given) <= MAX_PARENTS:
        expected = f"at most {MAX_PARENTS:,} candidate numbers" if given else "at least one candidate number"
        raise ValueError(f"parents={shown(numbers)}: expected {expected}")
    return [as_candidate(number) for number in given]


def one_by_one(candidates: Iterable[object]) -> list[int]:
    """Candidate numbers that are given one by one, or several together in lists and arrays. Raises TypeError."""
    many = [(given, as_list(given)) for given in candidates]
    return [as_candidate(number) for given, some in many for number in ([given] if some is None else some)]
