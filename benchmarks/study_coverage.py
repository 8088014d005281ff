"""How often the interval of a blind study holds the truth, in simulated studies whose truth is known.

    python -m benchmarks.study_coverage [studies]

Voters have a taste that differs from prompt to prompt (logit-normal), lapse, have a favourite side, and cannot tell now
and then. Beside it the percentile bootstrap over prompts, which is the usual thing; how often a difference is found
where there is one of 60:40 and where there is none; and whether voters who don't look are told.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import write
from guidewidgets.evaluate.study.plan import Plan, PlannedPair, make_plan
from guidewidgets.evaluate.study.result import StudyResult, make_result
from guidewidgets.evaluate.study.votes import Choice, Vote

RESAMPLED = 400
USUAL = "60:40, tastes 0.7, lapses 5 %, left 10 %, ties 10 %"
"""Voters whose studies are measured by the bootstrap too."""


@dataclass(frozen=True, slots=True)
class Voter:
    """How somebody votes.

    Args:
        share: of votes for the first, at the median prompt, where nothing else interferes.
        spread: standard deviation over prompts, of the logit.
        lapse: how often a vote is thrown like a coin.
        habit: how often it is the left, whatever stands there.
        tie: how often it is "can't tell".
    """

    share: float
    spread: float = 0.0
    lapse: float = 0.0
    habit: float = 0.0
    tie: float = 0.0

    @property
    def truth(self) -> float:
        """The expected share over all prompts, votes and sides."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(80)
        taste = (self._taste(nodes) * weights).sum() / weights.sum()
        looked = (1 - self.tie) * taste + self.tie / 2
        return float((1 - self.lapse - self.habit) * looked + (self.lapse + self.habit) / 2)

    def _taste(self, z: NDArray[Any]) -> NDArray[Any]:
        return 1 / (1 + np.exp(-np.log(self.share / (1 - self.share)) - self.spread * z))

    def votes(self, plan: Plan, rng: np.random.Generator) -> list[Vote]:
        """A vote for each trial."""
        names = {prompt: i for i, prompt in enumerate(dict.fromkeys(pair.prompt for pair in plan.pairs))}
        taste = self._taste(rng.normal(size=len(names)))
        draws = rng.random((len(plan.trials), 3)).tolist()
        found: list[Vote] = []
        for i, (trial, (mood, tie, likes)) in enumerate(zip(plan.trials, draws, strict=True)):
            catch = trial.kind == "catch"
            wants = (
                "first" if likes < (1 if catch else taste[names[plan.pairs[trial.pair].prompt]]) else "second"
            )
            choice: Choice = "left" if wants == trial.left else "right"
            if mood < self.lapse:
                choice = "left" if likes < 0.5 else "right"
            elif mood < self.lapse + self.habit:
                choice = "left"
            elif tie < self.tie and not catch:
                choice = "tie"
            found.append(Vote(i, choice))
        return found


def bootstrap(plan: Plan, votes: Sequence[Vote], rng: np.random.Generator) -> tuple[float, float]:
    """The percentile interval over prompts."""
    sums: dict[str, list[float]] = {}
    for trial, vote in zip(plan.trials, votes, strict=True):
        if trial.kind == "vote":
            first = 0.5 if vote.choice == "tie" else float((vote.choice == "left") == (trial.left == "first"))
            sums.setdefault(plan.pairs[trial.pair].prompt, []).append(first)
    totals, counts = np.array([(sum(s), len(s)) for s in sums.values()]).T
    picks = rng.integers(len(totals), size=(RESAMPLED, len(totals)))
    low, high = np.quantile(totals[picks].sum(1) / counts[picks].sum(1), (0.025, 0.975))
    return float(low), float(high)


def plans(prompts: Sequence[int], n: int, count: int = 20) -> list[Plan]:
    """Plans of n votes on so many pairs of each prompt, with several seeds."""
    pairs = [PlannedPair(f"{g}", f"{g} {i}", "") for g, many in enumerate(prompts) for i in range(many)]
    return [make_plan(pairs, "?", n, seed) for seed in range(count)]


def simulate(
    made: Sequence[Plan], voter: Voter, studies: int, seed: int = 0, *, usual: bool = True
) -> dict[str, Any]:
    """Shares of the studies: intervals that hold the truth, with the bootstrap's where `usual`, and the rest."""
    rng = np.random.default_rng(seed)
    truth, held, others = voter.truth, 0, 0
    results: list[StudyResult] = []
    for k in range(studies):
        plan = made[k % len(made)]
        votes = voter.votes(plan, rng)
        results.append(make_result(plan, votes))
        held += results[-1].low <= truth <= results[-1].high
        if usual:
            low, high = bootstrap(plan, votes, rng)
            others += low <= truth <= high
    return {
        "truth": round(truth, 4),
        "covered": round(held / studies, 4),
        "bootstrap_covered": round(others / studies, 4) if usual else None,
        "width": round(float(np.mean([r.high - r.low for r in results])), 4),
        "concluded": round(float(np.mean([r.concluded for r in results])), 4),
        "first_better": round(float(np.mean([r.concluded and r.low > 0.5 for r in results])), 4),
        "inattentive_told": round(float(np.mean(["catch pairs" in r.sentence for r in results])), 4),
    }


SHAPES: dict[str, tuple[Sequence[int], int]] = {
    "194 votes, 194 prompts": ([1] * 194, 194),
    "194 votes, 49 prompts": ([4] * 49, 194),
    "194 votes, 20 prompts": ([10] * 20, 194),
    "194 votes, 8 prompts": ([25] * 8, 194),
    "194 votes, 63 prompts of 1 to 20 pairs": ([1] * 40 + [2] * 13 + [8] * 6 + [20] * 4, 194),
    "47 votes, 47 prompts": ([1] * 47, 47),
    "47 votes, 12 prompts": ([4] * 12, 47),
}
VOTERS = {
    "no difference": Voter(0.5),
    "60:40": Voter(0.6),
    USUAL: Voter(0.6, 0.7, 0.05, 0.1, 0.1),
    "65:35, tastes 1.5, lapses 10 %, left 30 %, ties 20 %": Voter(0.65, 1.5, 0.1, 0.3, 0.2),
    "55:45, left 50 %": Voter(0.55, 0.0, 0.05, 0.5, 0.1),
    "90:10, lapses 2 %": Voter(0.9, 0.7, 0.02),
    "thrown like a coin": Voter(0.5, 0.0, 1.0),
}


def main(studies: int = 2000) -> None:
    """Simulate and write."""
    figures: dict[str, Any] = {"studies": studies}
    for shape, (prompts, n) in SHAPES.items():
        made = plans(prompts, n)
        figures[shape] = {
            name: simulate(made, voter, studies, usual=name == USUAL) for name, voter in VOTERS.items()
        }
        covered = [row["covered"] for row in figures[shape].values()]
        print(shape, min(covered), max(covered), figures[shape][USUAL]["bootstrap_covered"], flush=True)
    write("study_coverage", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
