"""Figures of the evaluation, drawn with matplotlib's objects and never with its global state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guidewidgets.evaluate.row import Row


def draw(title: str, rows: Sequence[Row]) -> Any:
    """One bar per row with its interval, and a mark where true renders stand.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from guidewidgets.figure import ShownFigure
    except ImportError as error:
        raise ImportError("figures need matplotlib: pip install guidewidgets[lab]") from error
    figure = ShownFigure(figsize=(7, 0.45 * len(rows) + 1.2), layout="constrained")
    axes = figure.subplots()
    names = [row.category for row in rows]
    scores = [row.score for row in rows]
    spread = [[row.score - row.low for row in rows], [row.high - row.score for row in rows]]
    places = range(len(names))
    axes.barh(places, scores, color="#3b6ea5", height=0.62)
    axes.errorbar(scores, places, xerr=spread, fmt="none", ecolor="#1a1a1a", capsize=3, label="95 % interval")
    known = [(row.ceiling, i) for i, row in enumerate(rows) if row.ceiling is not None]
    if known:
        axes.scatter(
            *zip(*known, strict=True), marker="|", s=260, color="#c1441e", label="true renders", zorder=3
        )
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlim(0, max(1.05, *(row.high * 1.05 for row in rows)))
    axes.set_title(title, fontsize=9)
    axes.legend(loc="lower right", fontsize=8)
    return figure
