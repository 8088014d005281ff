"""Votes: cast one after the other, the last one taken back once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, final, get_args

from guidewidgets.untrusted import bad, field, number, text, whole

Choice = Literal["left", "right", "tie"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
LONGEST = 86_400.0  # seconds of a reaction time


@final
@dataclass(frozen=True, slots=True)
class Vote:
    """One vote.

    Args:
        trial: which trial of the plan.
        choice: "left", "right", or "tie".
        seconds: from when both pictures were on the screen until the choice; None: nobody measured it.
        withdrawn: it was taken back.
    """

    trial: int
    choice: Choice
    seconds: float | None = None
    withdrawn: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Vote:
        """What `dataclasses.asdict` made of one; SessionFileError where it is something else."""
        named = text(data, "choice", 10)
        if named not in CHOICES:
            raise bad(f"choice is {named!r}: expected left, right or tie")
        seconds = None if data.get("seconds") is None else number(data, "seconds", 0.0, LONGEST)
        return cls(whole(data, "trial"), named, seconds, field(data, "withdrawn", bool))


@final
class Ballot:
    """All votes of a study, those that were taken back included.

    Args:
        trials: how many there are to vote on.
    """

    def __init__(self, trials: int) -> None:
        self._trials = trials
        self._all: list[Vote] = []

    @property
    def all(self) -> tuple[Vote, ...]:
        """In the order in which they were cast."""
        return tuple(self._all)

    @property
    def standing(self) -> list[Vote]:
        """Those that were not taken back, one for each trial so far."""
        return [vote for vote in self._all if not vote.withdrawn]

    @property
    def at(self) -> int:
        """The trial that is voted on next; the number of trials where all are done."""
        return len(self.standing)

    def cast(self, choice: Choice, seconds: float | None) -> None:
        """Vote on the trial that is next.

        Raises:
            ValueError: there is none.
        """
        if self.at >= self._trials:
            raise ValueError("all votes are cast: result() has what was found")
        self._all.append(Vote(self.at, choice, seconds))

    @property
    def can_go_back(self) -> bool:
        """Whether the last vote can be taken back."""
        return bool(self._all) and not self._all[-1].withdrawn

    def back(self) -> None:
        """Take the last vote back.

        Raises:
            ValueError: there is none, or the one before it was taken back just now.
        """
        if not self.can_go_back:
            raise ValueError(
                "one vote can be taken back, and it was" if self._all else "there is no vote to take back"
            )
        self._all[-1] = replace(self._all[-1], withdrawn=True)
