"""Which candidates an operator takes as parents."""

from __future__ import annotations

from collections.abc import Sequence

from guidewidgets.session.candidate import Candidate, Generation


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
