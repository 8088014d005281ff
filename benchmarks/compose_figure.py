"""The composition study as a figure: one panel per kind, one bar per way of asking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

_NUMBERS = re.compile(r"(-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\]")
FIRST, OTHER = "#9aa5b1", "#3b6ea5"  # the way that the others are compared with stands back
POINTS = {"removed": "#c1441e", "kept": "#7a9a3a"}
INK = "#22272e"


def draw(tables: Mapping[str, Sequence[Mapping[str, Any]]], says: Mapping[str, str], caption: str) -> Figure:
    """Bars with their 95 % intervals, and a line down from the first way's.

    Args:
        tables: kind → lines of the study.
        says: kind → what counts as right.
        caption: whose pictures these are, and how they were made.
    """
    heights = [len(rows) for rows in tables.values()]
    figure = Figure(figsize=(8.5, 0.3 * sum(heights) + 0.62 * len(heights) + 0.8), layout="constrained")
    panels = figure.subplots(len(tables), 1, squeeze=False, height_ratios=[n + 0.2 for n in heights])[:, 0]
    for (name, rows), axes in zip(tables.items(), panels, strict=True):
        for i, row in enumerate(rows):
            _bar(axes, i, row, FIRST if i == 0 else OTHER)
            for what, at in (("removed", -0.22), ("kept", 0.22)):
                if name == "not":
                    _point(axes, i + at, row, what, label=what if i == 0 else None)
        axes.axvline(_figures(rows[0], "right")[0], color=FIRST, lw=1, ls=(0, (3, 3)), zorder=0)
        axes.set_yticks(range(len(rows)), [row["way"] for row in rows], fontsize=8, color=INK)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_title(f"{says[name]} ({rows[0]['prompts']} prompts)", fontsize=9, loc="left", color=INK)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8, labelbottom=axes is panels[-1])
        if name == "not":
            axes.legend(fontsize=8, loc="upper right", bbox_to_anchor=(1.0, -0.06), ncols=2, frameon=False)
    panels[-1].set_xlabel("pictures that are right, % with 95 % interval", fontsize=8, color=INK)
    figure.suptitle(caption, fontsize=8, color=INK, x=0.01, ha="left")
    return figure


def _figures(row: Mapping[str, Any], what: str) -> tuple[float, float, float]:
    return read_share(row[f"{what}_percent"])


def read_share(text: str) -> tuple[float, float, float]:
    """The numbers of a share with its interval, as tables have it."""
    found = _NUMBERS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r}: expected a share with its interval")
    return float(found[1]), float(found[2]), float(found[3])


def _bar(axes: Any, y: float, row: Mapping[str, Any], colour: str) -> None:
    mean, low, high = _figures(row, "right")
    axes.barh(y, mean, 0.66, color=colour)
    axes.errorbar(
        mean, y, xerr=[[mean - low], [high - mean]], ecolor=INK, elinewidth=1, capsize=2, fmt="none"
    )
    inside = low > 12
    axes.text(
        low - 1.5 if inside else high + 1.5,
        y,
        f"{mean:.0f}",
        ha="right" if inside else "left",
        va="center",
        fontsize=8,
        color="white" if inside else INK,
    )


def _point(axes: Any, y: float, row: Mapping[str, Any], what: str, label: str | None) -> None:
    mean, low, high = _figures(row, what)
    spread = [[mean - low], [high - mean]]
    axes.errorbar(
        mean, y, xerr=spread, fmt="o", ms=4, color=POINTS[what], elinewidth=1, capsize=2, label=label
    )
