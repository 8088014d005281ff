"""The curves of an optimisation as numbers for the page: never more of them than a curve needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guidewidgets.session.optimisation.run import OptimisationRun

MOST_POINTS = 2_000
"""Points of a curve; beyond this every other one is left out, again and again."""


def points(optimisation: OptimisationRun) -> list[list[float]]:
    """[step, loss, its parts …] of every step, or of as many as a curve needs."""
    frames = tuple(optimisation.frames)
    names = list(frames[-1].losses) if frames else []
    stride = 1
    while len(frames) // stride > MOST_POINTS:
        stride *= 2
    return [
        [frame.index, _short(frame.loss), *(_short(frame.losses.get(name, 0.0)) for name in names)]
        for frame in frames
        if frame.index % stride == 0 or frame is frames[-1]
    ]


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def some(items: Sequence[int], most: int) -> list[int]:
    """Evenly chosen, first and last among them."""
    if len(items) <= most:
        return list(items)
    return [items[i] for i in sorted({round(k * (len(items) - 1) / (most - 1)) for k in range(most)})]
