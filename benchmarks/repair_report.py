"""What a study of repair says: lift against the reader, what each way mends and breaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks import guided
from benchmarks.guided import Unit
from guidewidgets.evaluate.composition import Share
from guidewidgets.evaluate.interval import SHARES, over_prompts

# Of the reader's certainty: the last is what painting in another batch may change.
SEEN, AS_IT_WAS = 0.5, 0.001


def reliability(units: Sequence[Unit]) -> dict[str, Any]:
    """How often a concept is seen, by its lift; the area under the curve; the lift that tells best."""
    rows = [
        pair
        for unit in units
        for noun in ("first", "second")
        for pair in zip(unit["plain"][f"{noun}_lift"], unit["plain"][noun], strict=True)
    ]
    lift, seen = np.array([r[0] for r in rows]), np.array([r[1] > 0.5 for r in rows])
    edges = np.quantile(lift, np.linspace(0, 1, 7))
    bins = [(lift >= low) & (lift <= high) for low, high in pairwise(edges)]
    cuts = np.unique(lift)
    balanced = [((lift[seen] >= c).mean() + (lift[~seen] < c).mean()) / 2 for c in cuts]
    above = (lift[seen][:, None] > lift[~seen][None]).mean() if (~seen).any() else float("nan")
    return {
        "concepts": len(lift),
        "seen": round(float(seen.mean()), 3),
        "area under the curve": round(float(above), 3),
        "lift that tells best": round(float(cuts[int(np.argmax(balanced))]), 4),
        "its balanced accuracy": round(float(max(balanced)), 3),
        "seen by lift": [
            {"from": round(float(lift[b].min()), 4), "to": round(float(lift[b].max()), 4), "n": int(b.sum())}
            | {"seen": round(float(seen[b].mean()), 3)}
            for b in bins
        ],
    }


def told_apart(unit: Unit, *, lacking: bool) -> Unit:
    """Whether both nouns are seen, of the pictures that lack a noun when plain, or of the others."""
    seen = {
        way: [min(pair) > 0.5 for pair in zip(s["first"], s["second"], strict=True)]
        for way, s in unit.items()
    }
    chosen = [k for k, both in enumerate(seen["plain"]) if both != lacking]
    return {way: {"both": [float(both[k]) for k in chosen]} for way, both in seen.items()}


def both_seen(units: Sequence[Unit]) -> dict[str, str]:
    """Of each way the share of pictures that show both nouns, in percent, with its interval over pairs."""
    ways = units[0] if units else ()
    return {way: str(Share(*over_prompts([unit[way]["both"] for unit in units], SHARES))) for way in ways}


def fates(units: Sequence[Unit], *, lacking: bool) -> dict[str, int]:
    """What became of the pictures that lack a noun, or of the others: one that came back is seen as it was."""
    told = {"pictures": 0, "made anew": 0, "wrong after": 0, "wrong after, made anew": 0}
    for unit in units:
        before, after = (np.array([unit[way][n] for n in ("first", "second")]) for way in ("plain", "repair"))
        chosen = (before.min(0) <= SEEN) == lacking
        anew, wrong = np.abs(after - before).max(0) > AS_IT_WAS, after.min(0) <= SEEN
        for name, some in zip(
            told, (chosen, chosen & anew, chosen & wrong, chosen & wrong & anew), strict=True
        ):
            told[name] += int(some.sum())
    return told


def outcome(units: Sequence[Unit]) -> dict[str, Any]:
    """What each way makes of the pictures that lack a noun, and repair of the others."""
    lacking = [unit for u in units if (unit := told_apart(u, lacking=True))["plain"]["both"]]
    right = [
        {way: unit[way] for way in ("plain", "repair")}
        for u in units
        if (unit := told_apart(u, lacking=False))["plain"]["both"]
    ]
    return {
        "pictures that lack a noun": guided.table(lacking, "repair")
        | {"both_percent": both_seen(lacking), "what repair did": fates(units, lacking=True)},
        "pictures that lack none": guided.table(right, "repair")
        | {"both_percent": both_seen(right), "what repair did": fates(units, lacking=False)},
    }
