"""What k concepts in one batch cost, against plain guidance: (k + 1)/2 rows to one is the bound of arithmetic.

    python -m benchmarks.compose_cost [--pairs 9] [--images 12] [--steps 8]

One run, in turn, k = 2, 3 and 4; the budget is a median of 1.05 × (k + 1)/2.
"""

from __future__ import annotations

import argparse

from benchmarks.timing import pairs, write
from guidewidgets.engine import Engine

CONCEPTS = ["a fox", "a beach", "a hat", "a tree"]
BUDGET = 1.05


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--steps", type=int, default=8)
    a = parser.parse_args()
    engine = Engine.load()
    x = engine.noise(a.images, seed=0)

    def paint(k: int) -> None:
        engine.render(x, " AND ".join(CONCEPTS[:k]), steps=a.steps)

    figures: dict[str, object] = {"images": a.images, "steps": a.steps, "budget": f"{BUDGET} x (k + 1)/2"}
    for k in (2, 3, 4):
        measured = pairs(lambda k=k: paint(k), lambda: paint(1), a.pairs)
        share = measured["ratio_median"] / ((k + 1) / 2)
        figures[f"{k} concepts"] = measured | {
            "of_the_rows": round(share, 4),
            "within_budget": share <= BUDGET,
        }
        write("compose_cost", figures)


if __name__ == "__main__":
    main()
