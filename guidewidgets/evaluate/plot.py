"""Figures of the evaluation, drawn with matplotlib's objects and never with its global state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from guidewidgets.evaluate.interval import Interval, over_prompts
from guidewidgets.evaluate.paired_row import PairedRow
from guidewidgets.evaluate.row import Row

COLOURS = ("#8a8a8a", "#3b6ea5", "#c1441e")  # of the first setting, the second, and their difference


def draw(title: str, rows: Sequence[Row]) -> Any:
    """One bar per row with its interval, and a mark where true renders stand.

    Raises:
        ImportError: matplotlib is not installed.
    """
    figure = _figure(7, 0.45 * len(rows) + 1.2)
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


def draw_pairs(names: tuple[str, str], rows: Sequence[PairedRow], kind: str) -> Any:
    """Of each metric both settings beside each other, and their difference.

    Args:
        names: of the settings.
        rows: of the table.
        kind: "box" or "bar".

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: there is no such kind.
    """
    if kind not in ("box", "bar"):
        raise ValueError(f"kind={kind!r}: expected 'box' or 'bar'")
    figure = _figure(7, 2.4 * len(rows))
    for row, (both, gap) in zip(
        rows, figure.subplots(len(rows), 2, squeeze=False, width_ratios=(2, 1)), strict=True
    ):
        if kind == "box":
            means = [[float(np.mean(some)) for some in one.values()] for one in (row.first, row.second)]
            _boxes(both, means, COLOURS[:2])
            _boxes(gap, [list(row.differences.values())], COLOURS[2:])
        else:
            _bars(
                both,
                [over_prompts([*one.values()], row.range) for one in (row.first, row.second)],
                COLOURS[:2],
            )
            _bars(gap, [row.difference], COLOURS[2:])
        gap.axhline(0, color="#1a1a1a", linewidth=0.8)
        both.set_xticks((0, 1), names)
        gap.set_xticks((0,), (f"{names[1]} - {names[0]}",))
        both.set_ylabel(row.metric if row.higher_is_better else f"{row.metric} (lower is better)")
    return figure


def _boxes(axes: Any, some: Sequence[Sequence[float]], colours: Sequence[str]) -> None:
    """Quartiles and median; whiskers to the last within 1.5 times the box, what lies beyond as points."""
    drawn = axes.boxplot(some, positions=range(len(some)), widths=0.5, patch_artist=True)
    for box, colour in zip(drawn["boxes"], colours, strict=True):
        box.set_facecolor(colour)
    for line in drawn["medians"]:
        line.set_color("#1a1a1a")


def _bars(axes: Any, some: Sequence[Interval], colours: Sequence[str]) -> None:
    axes.bar(range(len(some)), [one.mean for one in some], color=colours, width=0.5)
    # An end that is not known is not drawn.
    ends = np.array([(one.mean - one.low, one.high - one.mean) for one in some]).T
    axes.errorbar(
        range(len(some)),
        [one.mean for one in some],
        yerr=np.where(np.isfinite(ends), ends, 0),
        fmt="none",
        ecolor="#1a1a1a",
        capsize=4,
    )


def _figure(width: float, height: float) -> Any:
    try:
        from guidewidgets.figure import ShownFigure
    except ImportError as error:
        raise ImportError("figures need matplotlib: pip install guidewidgets[lab]") from error
    return ShownFigure(figsize=(width, height), layout="constrained")
