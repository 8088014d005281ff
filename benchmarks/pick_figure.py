"""The study of picking as a figure: what is right at what cost, and whether lift is worth what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from benchmarks.compose_figure import INK, read_share
from benchmarks.pick_measure import BUDGET
from benchmarks.pick_report import AIMS

COLOURS = {"parts": "#0072b2", "orders": "#d55e00"}
ASKED = {
    "parts": "a picture with X AND a picture with Y",
    "orders": "X and Y, AND Y and X",
}
LIFTS = {
    "sketch": ("of the sketch", "#0072b2"),
    "finished, all levels": ("of the picture, four levels", "#009e73"),
}


def draw(told: Mapping[str, Any]) -> Figure:
    """Two panels of shares, and the reliability diagram, of what `pick_study` tells."""
    groups = [group for group in AIMS if group in told]
    figure = Figure(figsize=(13.5, 5.2), dpi=110, layout="constrained")
    panels = figure.subplots(1, len(groups) + 1, width_ratios=[1.0] * len(groups) + [1.1])
    for k, group in enumerate(groups):
        _shares(panels[k], told[group], AIMS[group], group, named=k == 0)
    figure.legend(
        *panels[0].get_legend_handles_labels(), fontsize=8, frameon=False, loc="outside lower left", ncols=3
    )
    _reliability(panels[-1], told["lift against the reader"])
    return figure


def _shares(axes: Any, tables: Mapping[str, Any], aim: float, group: str, *, named: bool) -> None:
    """A line for each way of making, a point for each way of asking."""
    ways = [row["way"] for row in next(iter(tables.values()))["ways"]]
    costs = [row["cost"] for row in next(iter(tables.values()))["ways"]]
    for j, (ask, table) in enumerate(tables.items()):
        for i, row in enumerate(table["ways"]):
            mean, low, high = read_share(row["right_percent"])
            axes.errorbar(
                mean,
                i + 0.26 * (j - 0.5),
                xerr=[[mean - low], [high - mean]],
                fmt="o",
                ms=5,
                capsize=2,
                elinewidth=1,
                color=COLOURS[ask],
                label=ASKED[ask] if i == 0 else None,
            )
    axes.axvline(aim, color=INK, lw=1, ls=":", label="aim")
    labels = [f"{way}  ({cost:g}x)" for way, cost in zip(ways, costs, strict=True)]
    axes.set_yticks(range(len(ways)), labels if named else [""] * len(ways), fontsize=8)
    for label, cost in zip(axes.get_yticklabels(), costs, strict=True):
        label.set_color(INK if cost <= BUDGET else "#9aa5b1")
    axes.set_ylim(len(ways) - 0.5, -0.5)
    axes.set_xlim(0, 101)
    noun = {"pair": "two nouns", "triple": "three nouns"}[group]
    prompts = next(iter(tables.values()))["prompts"]
    axes.set_title(
        f"{noun}: pictures that show all, %; aim {aim:g}\n{prompts} prompts x 4, 95 % interval by prompt",
        fontsize=9,
    )
    axes.grid(axis="x", color="#e5e8eb", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _reliability(axes: Any, told: Mapping[str, Mapping[str, Any]]) -> None:
    """What lift foretells, and what the reader sees."""
    axes.plot([0, 1], [0, 1], color="#9aa5b1", lw=1, ls=(0, (3, 3)))
    for name, (label, colour) in LIFTS.items():
        bins: Sequence[Mapping[str, Any]] = told[name]["bins"]
        x, y = [b["foretold"] for b in bins], [b["seen"] for b in bins]
        ends = [
            [max(0.0, v - b["interval"][0]) for v, b in zip(y, bins, strict=True)],
            [max(0.0, b["interval"][1] - v) for v, b in zip(y, bins, strict=True)],
        ]
        apart = told[name]["foretold and seen are apart by, on average"]
        curve = told[name]["area under the curve"][0]
        axes.errorbar(
            x,
            y,
            yerr=ends,
            fmt="o-",
            ms=4,
            lw=1.2,
            capsize=2,
            elinewidth=1,
            color=colour,
            label=f"{label}: off by {100 * apart:.1f} points, area {curve:.2f}",
        )
    axes.set_xlabel(
        "chance that the concept is there, by its lift\n(curve fitted on other nouns)", fontsize=8
    )
    axes.set_title("how often the reader sees it in the finished picture", fontsize=9)
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.01)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False, loc="lower center", bbox_to_anchor=(0.5, -0.34))
