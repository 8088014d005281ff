"""Colours for data: a perceptually uniform map for amounts, eight colours everybody tells apart for kinds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Inferno by Stéfan van der Walt and Nathaniel Smith (CC0), seventeen of its 256 colours.
_STOPS = (
    "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 "
    "fcffa4"
)

KINDS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Okabe and Ito's colours without black; more kinds than colours begin again at the first."""
NONE = "#8c8c8c"
"""What is of no kind."""
SHARED = "#332288"
"""What is of several."""


def _table() -> NDArray[np.uint8]:
    stops = np.array([[int(stop[i : i + 2], 16) for i in (0, 2, 4)] for stop in _STOPS.split()], float)
    at, places = np.linspace(0, len(stops) - 1, 256), np.arange(len(stops))
    return np.stack([np.interp(at, places, stops[:, i]) for i in range(3)], axis=1).round().astype(np.uint8)


INFERNO = _table()
"""(256, 3) uint8, from nearly black to pale yellow, ever lighter."""


def inferno(values: NDArray[np.floating], high: float) -> NDArray[np.uint8]:
    """Values in [0, high] as colours.

    Args:
        values: (h, w).
        high: what gets the lightest colour, above 0.

    Returns:
        (h, w, 3) uint8.
    """
    return INFERNO[np.clip(values * (255 / high), 0, 255).round().astype(np.intp)]
