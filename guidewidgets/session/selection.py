"""Which candidates an operator takes as parents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.state import State
from guidewidgets.untrusted import SessionFileError


def favourites(history: Sequence[Generation]) -> list[Candidate]:
    """Those starred in the newest generation that has stars; the newest is the one on show.

    Raises:
        ValueError: nothing is starred.
    """
    for generation in reversed(history):
        if generation.starred:
            return generation.starred
    message = "no parents: star at least one image, or name them, as in s.cross([4, 7])"
    raise ValueError(message)


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


def spots(at: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spots (x, y) in [0, 1] as people give them, at least one. Raises ValueError or TypeError for what is none."""
    given = tuple(at)
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


def as_numbers(numbers: object) -> Sequence[int]:
    """A list of candidate numbers as people give it.

    Raises:
        TypeError: not a sequence.
        ValueError: empty.
    """
    if not isinstance(numbers, Sequence) or isinstance(numbers, str):
        message = f"parents={numbers!r}: expected a list of candidate numbers, such as [4, 7]"
        raise TypeError(message)
    if not numbers:
        message = "parents=[]: expected at least one candidate number"
        raise ValueError(message)
    return numbers
