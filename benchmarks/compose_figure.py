"""The composition study as a figure: one panel per kind, one bar per way of asking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

_NUMBERS = re.compile(r"(-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\]")
COLOURS = {"right": "#3b6ea5", "removed": "#c1441e", "kept": "#7a9a3a"}


def draw(tables: Mapping[str, Sequence[Mapping[str, Any]]], says: Mapping[str, str], model: str) -> Figure:
    """Bars with their 95 % intervals.

    Args:
        tables: kind → lines of the study.
        says: kind → what counts as right.
        model: whose pictures these are.
    """
    heights = [len(rows) for rows in tables.values()]
    figure = Figure(figsize=(8, 0.34 * sum(heights) + 0.75 * len(heights) + 0.5), layout="constrained")
    panels = figure.subplots(len(tables), 1, squeeze=False, height_ratios=heights, sharex=True)[:, 0]
    for (name, rows), axes in zip(tables.items(), panels, strict=True):
        for i, row in enumerate(rows):
            _bar(axes, i, row, "right", 0.0, 0.62)
            for what, at in (("removed", -0.2), ("kept", 0.2)):
                if name == "not":
                    _point(axes, i + at, row, what, label=what if i == 0 else None)
        axes.set_yticks(range(len(rows)), [row["way"] for row in rows], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_title(f"{says[name]} ({rows[0]['prompts']} prompts)", fontsize=9, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        if name == "not":
            axes.legend(fontsize=8, loc="upper center", ncols=2)
    panels[-1].set_xlabel("pictures that are right, % with 95 % interval", fontsize=8)
    figure.suptitle(model, fontsize=8)
    return figure


def _figures(row: Mapping[str, Any], what: str) -> tuple[float, float, float]:
    found = _NUMBERS.fullmatch(row[f"{what}_percent"])
    if found is None:
        raise ValueError(f"{row[f'{what}_percent']!r}: expected a share with its interval")
    return float(found[1]), float(found[2]), float(found[3])


def _bar(axes: Any, y: float, row: Mapping[str, Any], what: str, shift: float, height: float) -> None:
    mean, low, high = _figures(row, what)
    axes.barh(y + shift, mean, height, color=COLOURS[what])
    axes.errorbar(
        mean, y + shift, xerr=[[mean - low], [high - mean]], ecolor="#1a1a1a", capsize=2, fmt="none"
    )


def _point(axes: Any, y: float, row: Mapping[str, Any], what: str, label: str | None) -> None:
    mean, low, high = _figures(row, what)
    spread = [[mean - low], [high - mean]]
    axes.errorbar(mean, y, xerr=spread, fmt="o", ms=4, color=COLOURS[what], capsize=2, label=label)
