"""The study people hold: shown pair by pair in a notebook, or voted on by code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self, final

from guidewidgets import display_registry, forks
from guidewidgets.arguments import as_int, check_number, shown
from guidewidgets.evaluate.study import export
from guidewidgets.evaluate.study.pairs import Pairs, Shown, check_question
from guidewidgets.evaluate.study.plan import Plan, make_plan
from guidewidgets.evaluate.study.result import StudyResult, make_result, ranked
from guidewidgets.evaluate.study.votes import CHOICES, LONGEST, Ballot, Choice

MOST_VOTES = 10_000


@final
class Study:
    """A blind choice between two pictures, again and again; shown by the notebook, or voted on by code.

    The plan (pairs, order, sides) is fixed here, from the seed. Besides the n votes that count, a tenth as many pairs
    are shown again with their sides changed, and a twentieth as many with a spoiled copy, to see who looks. Nobody who
    votes is told which picture is which, and there is no result before the last vote.

    Args:
        pairs: (first, second, prompt), made of the same prompt and noise. A picture is a PIL image, a candidate, a
            file, or an array or tensor: (3, H, W), (1, 3, H, W), (H, W, 3) or (H, W), floats in [0, 1] or uint8. Both
            have one shape, and the larger one is shown at the smaller one's size. With fewer pairs than votes they
            come again.
        question: what is asked of every pair: one skill, as in "Which one fits the text better?".
        n: votes that count. Two-sided 5 %, power 80 %: 47 find 70:30, 85 find 65:35, 194 find 60:40, 783 find 55:45.
        seed: of order and sides.

    Raises:
        ValueError: no pairs, no question, pictures that cannot be read or have two shapes, numbers out of range.
        TypeError: something of another kind.
    """

    def __init__(
        self, pairs: Iterable[tuple[Any, Any, object]], question: str, n: int = 194, seed: int = 0
    ) -> None:
        n, seed = as_int("n", n, 1, MOST_VOTES), as_int("seed", seed, 0, 2**63 - 1)
        check_question(question)
        self._pairs = Pairs(pairs)
        self._plan: Plan = make_plan(self._pairs.planned, question, n, seed)
        self._hash: str = self._plan.data()["hash"]
        self._ballot = Ballot(len(self._plan.trials))
        self._lock = forks.rlock()
        self._result: StudyResult | None = None
        self._listeners: list[Callable[[object], None]] = []
        self._version = 0
        self._widget: Any = None

    @property
    def question(self) -> str:
        """What is asked."""
        return self._plan.question

    @property
    def plan(self) -> dict[str, Any]:
        """All that was decided before the first vote, as data, with its `hash`; it names the sides."""
        return self._plan.data()

    @property
    def hash(self) -> str:
        """The plan's hash."""
        return self._hash

    @property
    def trials(self) -> int:
        """How many pairs are shown in all."""
        return len(self._plan.trials)

    @property
    def remaining(self) -> int:
        """How many pairs are still to be voted on; repeats and catch pairs count, as nobody is told them apart."""
        return self.trials - self._ballot.at

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    @property
    def can_go_back(self) -> bool:
        """Whether `back` would do something."""
        return self._result is None and self._ballot.can_go_back

    @property
    def finished(self) -> StudyResult | None:
        """The result, once somebody has looked at it."""
        return self._result

    def on_show(self, number: int | None = None) -> Shown:
        """The pictures of a trial: the one that is voted on now, or a later one, to be got ready.

        Args:
            number: from that of the present trial; None is that one.

        Raises:
            ValueError: all votes are cast, or there is no such trial ahead.
            RuntimeError: a picture was changed since the plan was fixed.
        """
        at = self._ballot.at
        number = at if number is None else as_int("number", number, at, self.trials - 1)
        if number >= self.trials:
            raise ValueError("all votes are cast: there is nothing to show")
        return self._pairs.show(self._plan.trials[number], number)

    def vote(self, choice: Choice, seconds: float | None = None, *, trial: int | None = None) -> None:
        """Vote on what is on show.

        Args:
            choice: "left", "right", or "tie".
            seconds: reaction time, from when both pictures were on the screen.
            trial: which one is meant, where that may have changed meanwhile; None: the one on show.

        Raises:
            ValueError: no such choice; another trial is on show; all votes are cast, or the result was looked at.
        """
        if choice not in CHOICES:
            raise ValueError(f"choice={shown(choice)}: expected 'left', 'right' or 'tie'")
        if seconds is not None:
            seconds = check_number("seconds", seconds, 0.0, LONGEST)
        with self._lock:
            self._check_open()
            if trial is not None and trial != self._ballot.at:
                raise ValueError(f"pair {trial + 1} is not on show")
            self._ballot.cast(choice, seconds)
        self._changed()

    def back(self) -> None:
        """Take the last vote back, one at a time; it stays among the saved votes, marked.

        Raises:
            ValueError: there is none, the one before was taken back just now, or the result was looked at.
        """
        with self._lock:
            self._check_open()
            self._ballot.back()
        self._changed()

    def _check_open(self) -> None:
        if self._result is not None:
            raise ValueError("the result was looked at: the votes are final")

    def result(self) -> StudyResult:
        """What was found; from now on the votes are final.

        Raises:
            ValueError: votes are missing: whoever looks early and stops when it suits finds what is not there.
        """
        with self._lock:
            if self.remaining:
                missing = f"{self.remaining} of {self.trials} votes are missing"
                raise ValueError(f"{missing}: there is no result before the planned end")
            first = self._result is None
            self._result = self._result or make_result(self._plan, self._ballot.standing)
        if first:
            self._changed()
        return self._result

    def choices(self) -> list[tuple[Any, Any]]:
        """(better, worse) of all votes that count and are no ties, as they were given.

        With candidates: `for better, worse in study.choices(): s.prefer(better.id, over=worse.id)`.

        Raises:
            ValueError: as `result`.
        """
        self.result()
        return ranked(self._plan, self._ballot.standing, self._pairs.given)

    def to_json(self) -> str:
        """Plan and votes, those that were taken back included; no picture."""
        return export.to_json(self._plan, self._ballot.all)

    def to_csv(self) -> str:
        """A line for each vote."""
        return export.to_csv(self._plan, self._ballot.all)

    def save(self, path: str | Path) -> None:
        """Write plan and votes as JSON, which `load` goes on from, or the votes as CSV; at any time.

        Args:
            path: ends in .json or .csv.

        Raises:
            ValueError: it ends in something else.
            OSError: it cannot be written.
        """
        export.save(Path(path).expanduser(), self._plan, self._ballot.all)

    @classmethod
    def load(cls, path: str | Path, pairs: Iterable[tuple[Any, Any, object]]) -> Self:
        """Go on with a study that was saved as JSON.

        Args:
            path: of the file; nothing in it is trusted.
            pairs: the same as before: pictures are not in the file.

        Raises:
            SessionFileError: the file is no such study, or these are other pictures; a ValueError.
        """
        source = Path(path).expanduser()
        plan, votes = export.from_json(source)
        try:
            study = cls(pairs, plan.get("question", ""), plan.get("n", 0), plan.get("seed", 0))
        except TypeError as error:
            raise export.bad(f"{source.name}: {error}") from error
        if study.hash != plan.get("hash"):
            raise export.bad(f"{source.name} has another plan: these are not its pairs in their order")
        try:
            for vote in votes:
                study.vote(vote.choice, vote.seconds, trial=vote.trial)
                if vote.withdrawn:
                    study.back()
        except ValueError as error:
            raise export.bad(f"{source.name}: {error}") from error
        return study

    def subscribe(self, listener: Callable[[object], None]) -> Callable[[], None]:
        """Call `listener` after every change, on whatever thread made it, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _changed(self) -> None:
        self._version += 1
        for listener in tuple(self._listeners):
            listener(self)

    def panel(self) -> Any:
        """The widget that shows it; a new one where it was closed."""
        if self._widget is None or self._widget.comm is None:
            self._widget = display_registry.make("study", self)
        return self._widget

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.panel()._repr_mimebundle_(**kwargs)

    def __repr__(self) -> str:
        return f"Study({self.question!r}, {self._ballot.at} of {self.trials} choices made, plan {self._hash[:12]})"
