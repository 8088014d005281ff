"""A matplotlib figure that a notebook shows by itself, whatever `%matplotlib` is set to.

Imported only where a figure is made: matplotlib is heavy, and not everybody has it.
"""

from __future__ import annotations

import io
from typing import final

from matplotlib.figure import Figure


@final
class ShownFigure(Figure):
    """A figure like any other that knows how it looks; never pyplot's, which keeps every figure for itself."""

    def _repr_png_(self) -> bytes:
        held = io.BytesIO()
        self.savefig(held, format="png")
        return held.getvalue()
