"""Where lift says that a concept is there to so many percent, how often is it?

Lift is a likelihood ratio and no probability. Two numbers make it one, p = 1 / (1 + exp(-(a + b · lift))), fitted on
the prompts that settings were chosen on; nothing is fitted on those that are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidewidgets.evaluate.study.interval import wilson

Floats = NDArray[np.float64]
DRAWS, BINS, UPDATES = 2000, 8, 50


def fitted(lift: Floats, there: NDArray[np.bool_]) -> tuple[float, float]:
    """(a, b) of the likeliest logistic curve, by Newton's method."""
    x = np.stack([np.ones_like(lift), lift / lift.std()], 1)
    w = np.zeros(2)
    for _ in range(UPDATES):
        p = 1 / (1 + np.exp(-x @ w))
        w += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2), x.T @ (there - p))
    return round(float(w[0]), 4), round(float(w[1] / lift.std()), 4)


def sure(lift: Floats, curve: Sequence[float]) -> Floats:
    """What a curve makes of lifts."""
    return 1 / (1 + np.exp(-(curve[0] + curve[1] * lift)))


def reliability(
    lift: Floats, there: NDArray[np.bool_], prompts: NDArray[np.intp], curve: Sequence[float]
) -> dict[str, Any]:
    """Bins of equally many concepts: what was foretold and what came, and how far they are apart.

    Args:
        lift: (n,) of concepts of pictures.
        there: (n,) whether the reader sees each.
        prompts: (n,) which prompt, 0 … G - 1; intervals resample these.
        curve: see `fitted`.
    """
    told = sure(lift, curve)
    edges = np.quantile(told, np.linspace(0, 1, BINS + 1)[1:-1])
    which = np.searchsorted(edges, told)
    groups = int(prompts.max()) + 1
    place = prompts * BINS + which
    size = np.bincount(place, minlength=groups * BINS).reshape(groups, BINS).astype(float)
    hits = np.bincount(place, there, groups * BINS).reshape(groups, BINS)
    said = np.bincount(place, told, groups * BINS).reshape(groups, BINS)
    drawn = np.random.default_rng(0).integers(groups, size=(DRAWS, groups))
    with np.errstate(invalid="ignore"):
        again = hits[drawn].sum(1) / size[drawn].sum(1)
    low, high = np.nanquantile(again, [0.025, 0.975], axis=0)
    rows: list[dict[str, Any]] = []
    for b in range(BINS):
        n, share = size[:, b].sum(), hits[:, b].sum() / size[:, b].sum()
        ends = wilson(share, int((size[:, b] > 0).sum())) if share in {0.0, 1.0} else (low[b], high[b])
        rows.append(
            {
                "n": int(n),
                "lift": [round(float(v), 4) for v in (lift[which == b].min(), lift[which == b].max())],
                "foretold": round(float(said[:, b].sum() / n), 4),
                "seen": round(float(share), 4),
                "interval": [round(float(v), 4) for v in ends],
            }
        )
    base = there.mean()
    return {
        "concepts": len(lift),
        "curve": list(curve),
        "seen": round(float(base), 4),
        "area under the curve": spread_over(lambda i: area(lift[i], there[i]), prompts),
        "foretold and seen are apart by, on average": round(
            float(sum(r["n"] * abs(r["foretold"] - r["seen"]) for r in rows) / len(lift)), 4
        ),
        "Brier score": [round(float(((told - there) ** 2).mean()), 4), round(float(base * (1 - base)), 4)],
        "bins": rows,
    }


def area(lift: Floats, there: NDArray[np.bool_]) -> float:
    """How often a concept that is seen has more lift than one that is not; ties count half."""
    order = np.argsort(lift, kind="stable")
    values, first, count = np.unique(lift[order], return_index=True, return_counts=True)
    ranks = np.repeat(first + (count + 1) / 2, count)
    ups, n = there[order].sum(), len(values) and len(lift)
    downs = n - ups
    return (
        float((ranks[there[order]].sum() - ups * (ups + 1) / 2) / (ups * downs))
        if ups and downs
        else float("nan")
    )


def spread_over(figure: Any, prompts: NDArray[np.intp]) -> list[float]:
    """A figure of all, with the ends of its 95 % interval over prompts."""
    members = [np.flatnonzero(prompts == g) for g in range(int(prompts.max()) + 1)]
    rng = np.random.default_rng(0)
    again = [
        figure(np.concatenate([members[g] for g in rng.integers(len(members), size=len(members))]))
        for _ in range(DRAWS // 4)
    ]
    ends = np.nanquantile(again, [0.025, 0.975])
    return [round(float(v), 4) for v in (figure(np.arange(len(prompts))), *ends)]
