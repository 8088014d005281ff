"""What a study found."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from guidewidgets.evaluate.study.interval import share_interval, sign_test, weigh_as
from guidewidgets.evaluate.study.plan import Plan, Trial
from guidewidgets.evaluate.study.votes import Vote

LEAST_VOTES = 47
"""With fewer even 70:30 is missed in more than one study of five (two-sided 5 %)."""
LEAST_PROMPTS = 8
"""With fewer the interval over prompts was not tried, and says little."""
MOST_MISSED = 0.2
"""Of the catch pairs: whoever misses more did not look."""


@final
@dataclass(frozen=True, slots=True)
class StudyResult:
    """What a study found; prints as a sentence.

    Args:
        share: of the votes that went to the first pictures, a tie one half for each.
        low: lower end of its 95 % interval over prompts.
        high: upper end.
        n: votes that count.
        ties: how many of them were "tie".
        agreement: share of the repeated pairs that were answered alike, with their sides changed; None: none was shown.
        side_bias: share of the left among votes that are no ties, less one half: 0 is none, 0.5 always left.
        concluded: one is better: enough votes and prompts, attention, and an interval without one half.
        prompts: how many different ones.
        p: two-sided exact sign test over prompts.
        catches: catch pairs that were shown.
        missed: those of them that were answered wrong.
        seconds: median reaction time of the votes that have one; None: none has.
        sentence: all that in words.
    """

    share: float
    low: float
    high: float
    n: int
    ties: int
    agreement: float | None
    side_bias: float
    concluded: bool
    prompts: int
    p: float
    catches: int
    missed: int
    seconds: float | None
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def preferred(trial: Trial, vote: Vote) -> Literal["first", "second", "tie"]:
    """What a vote chose."""
    if vote.choice == "tie":
        return "tie"
    return "first" if (vote.choice == "left") == (trial.left == "first") else "second"


def ranked(plan: Plan, votes: Sequence[Vote], given: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """(better, worse) of the pairs as they were given, for each vote that counts and is no tie."""
    sides = [preferred(trial, vote) for trial, vote in zip(plan.trials, votes, strict=True)]
    counted = [(given[t.pair], side) for t, side in zip(plan.trials, sides, strict=True) if t.kind == "vote"]
    return [pair if side == "first" else pair[::-1] for pair, side in counted if side != "tie"]


def make_result(plan: Plan, votes: Sequence[Vote]) -> StudyResult:
    """The result of a vote for each trial of the plan, in its order."""
    chosen = [preferred(trial, vote) for trial, vote in zip(plan.trials, votes, strict=True)]
    at = {
        kind: [i for i, t in enumerate(plan.trials) if t.kind == kind] for kind in ("vote", "repeat", "catch")
    }
    counted = at["vote"]
    scores = np.array([{"first": 1.0, "second": 0.0, "tie": 0.5}[chosen[i]] for i in counted])
    names = [plan.pairs[plan.trials[i].pair].prompt for i in counted]
    prompts = np.unique(names, return_inverse=True)[1]
    first_left = np.array([plan.trials[i].left == "first" for i in counted])
    share, low, high = share_interval(scores, prompts, first_left)
    sided = [votes[i].choice for i in counted if votes[i].choice != "tie"]
    before = {
        plan.trials[i].pair: i for i in reversed(counted)
    }  # a pair's earliest vote, which is what is repeated
    alike = [chosen[i] == chosen[before[plan.trials[i].pair]] for i in at["repeat"]]
    missed = sum(chosen[i] != "first" for i in at["catch"])
    timed = [s for i in counted if (s := votes[i].seconds) is not None]
    counts = np.bincount(prompts)
    why = _doubts(counts, missed, len(at["catch"]))
    better = "the first is better" if low > 0.5 else "the second is better" if high < 0.5 else ""
    sentence = f"{share:.0%} [{100 * low:.0f}, {100 * high:.0f}] of {len(counted)}: ".replace("%", " %")
    sentence += f"not concluded, {'; '.join(why)}" if why else better or "no difference shown"
    if missed and not any("catch" in one for one in why):
        sentence += f" ({missed} of {len(at['catch'])} catch pairs missed)"
    return StudyResult(
        share=share,
        low=low,
        high=high,
        n=len(counted),
        ties=len(counted) - len(sided),
        agreement=sum(alike) / len(alike) if alike else None,
        side_bias=sided.count("left") / len(sided) - 0.5 if sided else 0.0,
        concluded=bool(better) and not why,
        prompts=len(counts),
        p=sign_test(scores.tolist(), prompts.tolist()),
        catches=len(at["catch"]),
        missed=missed,
        seconds=statistics.median(timed) if timed else None,
        sentence=sentence + ".",
    )


def _doubts(counts: NDArray[np.intp], missed: int, catches: int) -> list[str]:
    """Why nothing may be concluded."""
    why: list[str] = []
    n = int(counts.sum())
    if n < LEAST_VOTES:
        why.append(f"{n} votes are too few ({LEAST_VOTES} find 70:30 four times in five)")
    if (weight := weigh_as(counts)) < LEAST_PROMPTS:
        few = f"votes on {len(counts)} prompt{'' if len(counts) == 1 else 's'}"
        few += f" that weigh as {weight}" if weight < len(counts) else ""
        why.append(f"{few} ({LEAST_PROMPTS} are needed to speak of others)")
    if missed > MOST_MISSED * catches:
        why.append(f"{missed} of {catches} catch pairs were missed")
    return why
