"""From the lifts and readings of the study of picking to its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.guided import Scores
from benchmarks.pick_measure import ASKS, BUDGET, OF, TRIALS, by_picture, right
from benchmarks.pick_reliability import reliability
from guidewidgets.evaluate.composition import Trial, difference, share
from guidewidgets.session.operators.pick import ROUGH_LEVELS, ROUGH_STRIDES
from guidewidgets.vision.reader import PRESENT

Done = Sequence[tuple[Trial, Mapping[str, Mapping[str, Scores]]]]
"""Prompts, and for each way of asking and each way of making what came of it."""
STEPS = 10
AIMS = {"pair": 97.0, "triple": 80.0}
ONE, PICKED = "one picture, or one of three at random", "one of three sketches, by lift of its nouns"
AS_ASKED = "one of three sketches, by lift of what the prompt joins"
CURVES = {"sketch": (0.9153, 18.8683), "finished, all levels": (0.1634, 56.4151)}
"""Of `pick_tuning`: what makes a lift a chance, of sketches and of finished pictures; see `pick_reliability`."""
POOLS = (1, 2, 3, 4, 6, 12)


def of_most(says: NDArray[Any], good: NDArray[Any]) -> list[float]:
    """Whether the picture that is rated most is right, in each row of (rows, n)."""
    return good[np.arange(len(good)), says.argmax(1)].astype(float).tolist()


class Pool:
    """What is known of the noises of a prompt, each array (TRIALS, OF)."""

    def __init__(self, scores: Scores) -> None:
        count = TRIALS * OF

        def least(name: str) -> NDArray[Any]:
            return by_picture(scores, name, count).min(1).reshape(TRIALS, OF)

        self.right = right(by_picture(scores, "seen", count)).reshape(TRIALS, OF)
        self.sketch, self.asked, self.finished, self.guide = map(
            least, ("sketch", "sketch, as asked", "finished", "guide")
        )

    def ways(self) -> dict[str, list[float]]:
        """Way → whether each trial's picture is right, or the chance of it."""
        return {
            ONE: self.right.mean(1).tolist(),
            PICKED: of_most(self.sketch, self.right),
            AS_ASKED: of_most(self.asked, self.right),
            "better of two whole pictures, by lift": of_most(self.finished[:, :2], self.right[:, :2]),
            "best of three whole pictures, by lift": of_most(self.finished, self.right),
            "best of three whole pictures, by another net (guide)": of_most(self.guide, self.right),
            "any of three (nobody can pick better)": self.right.any(1).astype(float).tolist(),
        }

    def misses(self) -> NDArray[Any]:
        """Of picked pictures: right; none was; the sketch hid it; lift itself prefers a wrong one. (TRIALS, 4)."""
        picked = np.array(of_most(self.sketch, self.right), bool)
        whole = np.array(of_most(self.finished, self.right), bool)
        some = self.right.any(1)
        return np.stack([picked, ~some, ~picked & some & whole, ~picked & some & ~whole], 1)


def costs(more: Sequence[str]) -> dict[str, float]:
    """Rows of the denoiser in those of one picture; the number of concepts cancels out."""
    looks = len(ROUGH_LEVELS)
    sketched = (OF * (ROUGH_STRIDES + looks) + STEPS) / STEPS
    told = {
        ONE: 1.0,
        PICKED: sketched,
        AS_ASKED: sketched,
        "better of two whole pictures, by lift": 2 * (STEPS + looks) / STEPS,
        "best of three whole pictures, by lift": OF * (STEPS + looks) / STEPS,
        "best of three whole pictures, by another net (guide)": float(OF),
        "any of three (nobody can pick better)": float(OF),
    }
    return told | dict.fromkeys(more, 1.0)


def table(done: Done, ask: str) -> dict[str, Any]:
    """All ways of one way of asking, and why pictures that were picked are wrong."""
    pools = [Pool(made[ask]["pool"]) for _, made in done]
    marks = {way: [pool.ways()[way] for pool in pools] for way in pools[0].ways()}
    more = [way for way in done[0][1][ask] if way != "pool"]
    for way in more:
        sure = [by_picture(made[ask][way], "seen", TRIALS) for _, made in done]
        marks[way] = [right(one).astype(float).tolist() for one in sure]
    paid = costs(more)
    rows = [
        {"way": way, "cost": round(paid[way], 2), "right_percent": str(share(rows))}
        | ({} if way == ONE else {"points_over_one": str(difference(rows, marks[ONE]))})
        | (
            {}
            if way in {ONE, PICKED}
            else {"points_of_the_picked_over_it": str(difference(marks[PICKED], rows))}
        )
        for way, rows in marks.items()
    ]
    names = (
        "right",
        "none of the three is",
        "lift of the finished ones would have known",
        "lift prefers a wrong one",
    )
    missed = np.concatenate([pool.misses() for pool in pools]).mean(0)
    flat = [(pool.sketch.ravel(), pool.right.ravel()) for pool in pools]
    return {
        "prompts": len(done),
        "ways": rows,
        "what was picked, percent": {n: round(100 * float(m), 1) for n, m in zip(names, missed, strict=True)},
        "picked of so many, percent": {
            str(n): [
                round(
                    100 * float(np.mean([of_most(s.reshape(-1, n), r.reshape(-1, n)) for s, r in flat])), 1
                ),
                round(100 * float(np.mean([r.reshape(-1, n).any(1) for _, r in flat])), 1),
            ]
            for n in POOLS
        },
    }


def against_reader(done: Done) -> dict[str, Any]:
    """Lift of single nouns where they are asked for as parts, and whether the reader sees them in the picture."""
    rows = [made["parts"]["pool"] for _, made in done]
    found: dict[str, Any] = {}
    for name, curve in CURVES.items():
        lift = [np.array(row[name]) for row in rows]
        # Of finished pictures one of each three was asked, of sketches all.
        each = [by_picture(row, "seen", TRIALS * OF)[:: len(row["seen"]) // len(row[name])] for row in rows]
        there = np.concatenate([sure.ravel() for sure in each]) > PRESENT
        prompts = np.repeat(np.arange(len(rows)), [len(one) for one in lift])
        found[name] = reliability(np.concatenate(lift), there, prompts, curve)
    return found


def figures(done: Done) -> dict[str, Any]:
    """Tables of pairs and triples, and whether the aims are met."""
    told: dict[str, Any] = {}
    for group, aim in AIMS.items():
        some = [one for one in done if one[0].group == group]
        if not some:
            continue
        told[group] = {ask: table(some, ask) for ask in ASKS}
        found = {ask: next(r for r in told[group][ask]["ways"] if r["way"] == PICKED) for ask in ASKS}
        told[f"{group}: picked at least {aim:g} %"] = {
            ask: float(row["right_percent"].split()[0]) >= aim and row["cost"] <= BUDGET
            for ask, row in found.items()
        }
    return told
