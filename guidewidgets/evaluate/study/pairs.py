"""The pictures of a study: lent, known by fingerprint, and shown two at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

from PIL import Image

from guidewidgets.arguments import check_length, check_readable, shown
from guidewidgets.evaluate.study.pictures import equalised, fingerprint, read, spoiled
from guidewidgets.evaluate.study.plan import PlannedPair, Trial

MOST_TEXT = 10_000
SIDES = ("first", "second")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What is voted on now.

    Args:
        number: of the trial, from 0.
        left: RGB picture.
        right: likewise, of the same size.
        prompt: what both were made for.
    """

    number: int
    left: Image.Image
    right: Image.Image
    prompt: str


@final
class Pairs:
    """What is compared.

    Attributes:
        given: (first, second) of each pair, as they were lent.
        planned: of each, what the plan knows of it.

    Raises:
        ValueError, TypeError: as `Study`.
    """

    def __init__(self, pairs: Iterable[tuple[Any, Any, object]]) -> None:
        self.given: list[tuple[Any, Any]] = []
        self.planned: list[PlannedPair] = []
        for i, pair in enumerate(pairs):
            if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 3:
                raise ValueError(f"pairs[{i}]={shown(pair)}: expected (first, second, prompt)")
            first, second, prompt = pair
            self.given.append((first, second))
            self.planned.append(_planned(i, first, second, str(prompt)))
        if not self.planned:
            raise ValueError("pairs is empty: expected (first, second, prompt) once or more")

    def show(self, trial: Trial, number: int) -> Shown:
        """The two pictures of a trial, at their sides.

        Raises:
            RuntimeError: a picture was changed since the plan was fixed.
        """
        pair = self.planned[trial.pair]
        found: list[Image.Image] = []
        for name, given, known in zip(SIDES, self.given[trial.pair], (pair.first, pair.second), strict=True):
            image = read(f"pairs[{trial.pair}], {name}", given)
            if fingerprint(image) != known:
                raise RuntimeError(
                    f"the {name} picture of pairs[{trial.pair}] was changed since the plan was fixed"
                )
            found.append(image)
        first, second = equalised(*found)
        if trial.kind == "catch":
            second = spoiled(first, trial.pair)
        left, right = (first, second) if trial.left == "first" else (second, first)
        return Shown(number, left, right, pair.prompt)


def check_text(name: str, text: str) -> None:
    """Refuse text that is too long or no text. Raises ValueError."""
    check_length(name, text, MOST_TEXT)
    check_readable(name, text)


def check_question(question: object) -> None:
    """Refuse what is no text to choose by. Raises TypeError and ValueError."""
    if not isinstance(question, str):
        raise TypeError(f"question={shown(question)}: expected text")
    check_text("question", question)
    if not question.strip():
        raise ValueError("question is empty: expected what to choose by")


def _planned(i: int, first: object, second: object, prompt: str) -> PlannedPair:
    check_text(f"the prompt of pairs[{i}]", prompt)
    one, other = read(f"pairs[{i}], first", first), read(f"pairs[{i}], second", second)
    if one.width * other.height != other.width * one.height:
        sizes = f"{one.width} × {one.height} and {other.width} × {other.height} pixels"
        raise ValueError(f"pairs[{i}]: {sizes}: expected one shape")
    return PlannedPair(prompt, fingerprint(one), fingerprint(other))
