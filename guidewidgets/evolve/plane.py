"""The plane between three favourites, as a triangle of pictures: where in it does one like it best?

Sequential line and plane search shows people a low-dimensional slice between what they liked so far, and lets them
point (Koyama et al., Sequential Gallery for Interactive Visual Design Optimization, SIGGRAPH 2020, arXiv 2005.04107).
Here the slice is a triangle: each picture's weights are its barycentric coordinates, and `evolve.blend.on_sphere`
brings the weighted sum back to the length that noise has; the plain mean of three has a standard deviation of 1/√3.
"""

from __future__ import annotations

from guidewidgets.engine.check import check_number

MOST_SIDE = 12


def triangle(side: int = 4) -> list[tuple[float, float, float]]:
    """Barycentric coordinates of a triangle's points, row by row from the first corner; each adds up to one.

    Args:
        side: points along an edge, 2 to 12; there are side · (side + 1) / 2. One is in the very middle where side - 1
            is a multiple of three, as for 4.

    Raises:
        ValueError, TypeError: `side` is out of range.
    """
    last = check_number("side", side, 2, MOST_SIDE) - 1
    return [
        ((last - row) / last, (row - place) / last, place / last)
        for row in range(last + 1)
        for place in range(row + 1)
    ]
