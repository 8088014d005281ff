"""Voronoi crossover, 50 children of 4×64×64, against nevergrad's own crossover. Budget: ≥ 500 × faster."""

from __future__ import annotations

import nevergrad as ng
import numpy as np
from nevergrad.optimization.differentialevolution import Crossover

from benchmarks.timing import seconds, write
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import voronoi_crossover

SHAPE = (4, 64, 64)


def main() -> None:
    """Measure and write."""
    parents = draw(3, SHAPE, 0)
    ours = min(seconds(lambda: voronoi_crossover(parents, 50, cells=6, fresh=0)) for _ in range(9))
    default = min(seconds(lambda: voronoi_crossover(parents, 50)) for _ in range(9))
    array = ng.p.Array(shape=SHAPE)
    operator = Crossover(np.random.RandomState(0), "voronoi", array)
    one = min(
        seconds(lambda: operator.apply(parents[0].numpy().flatten(), parents[1].numpy().flatten()))
        for _ in range(3)
    )
    write(
        "voronoi",
        {
            "ours_50_children_s": round(ours, 5),
            "ours_50_children_default_s": round(default, 5),
            "nevergrad_1_child_s": round(one, 3),
            "times_faster": round(50 * one / ours),
            "times_faster_default": round(50 * one / default),
        },
    )


if __name__ == "__main__":
    main()
