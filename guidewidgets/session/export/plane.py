"""Pictures between three favourites on one sheet, each where its weights say: in a triangle with them as corners."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from guidewidgets.session.candidate import Candidate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INCH = 1.5  # of a picture's side, with what is around it
CORNERS = np.array([(0.5, math.sqrt(3) / 2), (0.0, 0.0), (1.0, 0.0)])
"""Of a triangle of sides of 1: the first on top, the second and the third below."""


def corners(candidate: Candidate) -> tuple[float, float, float] | None:
    """How much of each of three a candidate is; None where it is no mixture of three by weights above 0."""
    recipe = candidate.recipe
    told = recipe.parameters.get("weights")
    if not isinstance(told, (list, tuple)) or len(told) != 3 or len(recipe.parents) != 3:
        return None
    a, b, c = map(float, told)
    total = a + b + c
    return None if min(a, b, c) < 0 or not total else (a / total, b / total, c / total)


def plane_sheet(candidates: Sequence[Candidate]) -> Figure:
    """A matplotlib figure of mixtures of the same three, with their numbers and stars.

    Args:
        candidates: at least one; those that are mixtures of other parents than the first's are refused.

    Raises:
        ValueError: there is none, or one is no mixture of the same three.
    """
    from guidewidgets.figure import ShownFigure

    if not candidates:
        raise ValueError("no pictures between three favourites: expected some, as s.plane makes them")
    places: list[tuple[float, float]] = []
    for one in candidates:
        weights = corners(one)
        if weights is None or one.recipe.parents != candidates[0].recipe.parents:
            raise ValueError(
                f"candidate {one.id} is no mixture of the same three pictures as {candidates[0].id}"
            )
        x, y = np.array(weights) @ CORNERS
        places.append((float(x), float(y)))
    apart = _nearest(places)
    wide, high = 1 + apart, math.sqrt(3) / 2 + apart
    figure = ShownFigure(figsize=(INCH * wide / apart, INCH * high / apart))
    side = 0.84 * apart  # what is left is for the number
    for one, (x, y) in zip(candidates, places, strict=True):
        left, bottom = (x + (apart - side) / 2) / wide, y / high
        axes = figure.add_axes((left, bottom, side / wide, side / high))
        axes.set_axis_off()
        axes.imshow(np.asarray(one.image), interpolation="nearest")
        mark = " ★" if one.starred else " ✗" if one.rejected else ""
        axes.set_title(f"{one.id}{mark}", fontsize=8, pad=2)
    return figure


def _nearest(places: Sequence[tuple[float, float]]) -> float:
    """The smallest distance between two places that differ, so that no picture covers another; 1 where none do."""
    points = np.array(places)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    return float(distances[distances > 1e-6].min(initial=1.0)) * math.sqrt(3) / 2
