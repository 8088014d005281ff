"""Two settings on the same prompts: by how much is one better, metric by metric, with the interval over prompts."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from PIL import Image
from torch import Tensor

from guidewidgets.evaluate.metric import Metric, Pictures, as_pictures
from guidewidgets.evaluate.paired_row import PairedRow

HEAD = ("metric", "{0}", "{1}", "{1} - {0}", "95 % interval", "{1} better")


@final
@dataclass(frozen=True, slots=True)
class PairedTable:
    """What `paired_table` measured; prints as a table.

    Args:
        names: of the two settings.
        rows: one per metric.
    """

    names: tuple[str, str]
    rows: tuple[PairedRow, ...]

    def __getitem__(self, metric: str) -> PairedRow:
        for row in self.rows:
            if row.metric == metric:
                return row
        raise KeyError(f"{metric!r}: expected one of {', '.join(row.metric for row in self.rows)}")

    def __str__(self) -> str:
        lines = [tuple(cell.format(*self.names) for cell in HEAD), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        told = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([*told, self._counts()])

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            held = "".join(f"<{tag} style='text-align:left'>{html.escape(cell)}</{tag}>" for cell in cells)
            return f"<tr>{held}</tr>"

        head = line([cell.format(*self.names) for cell in HEAD], "th")
        body = "".join(line(cells, "td") for cells in self._cells())
        return (
            f"<table><thead>{head}</thead><tbody>{body}</tbody></table><p>{html.escape(self._counts())}</p>"
        )

    def _cells(self) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for row in self.rows:
            mean, low, high = row.difference
            told = row.metric if row.higher_is_better else f"{row.metric} (lower is better)"
            numbers = [f"{value:.4g}" for value in (*row.means, mean)]
            found.append((told, *numbers, f"{low:.4g} to {high:.4g}", f"{row.wins:.0%} of prompts"))
        return found

    def _counts(self) -> str:
        scores = self.rows[0].first.values()
        return f"{len(scores)} prompts, {sum(map(len, scores))} pictures of each"

    def figure(self, kind: str = "box") -> Any:
        """Both settings and their difference, a line per metric, as a matplotlib figure; nothing is shown or kept.

        Args:
            kind: "box": how the prompts' means are spread; "bar": the means of all, with their intervals.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: there is no such kind.
        """
        from guidewidgets.evaluate.plot import draw_pairs

        return draw_pairs(self.names, self.rows, kind)

    def to_json(self) -> str:
        """All scores; a range without an end is null there."""
        rows = [
            asdict(row) | {"range": [end if math.isfinite(end) else None for end in row.range]}
            for row in self.rows
        ]
        return json.dumps({"names": self.names, "rows": rows}, indent=1)


def paired_table(
    first: Pictures | Tensor | Sequence[Image.Image],
    second: Pictures | Tensor | Sequence[Image.Image],
    prompts: Sequence[str],
    metrics: Sequence[Metric],
    names: tuple[str, str] = ("first", "second"),
) -> PairedTable:
    """Measure two settings picture by picture.

    The k-th pictures of both belong together: the same prompt, and the same noise where that is possible. Prompts that
    are the same text are one prompt, for pictures of one prompt are not independent.

    Args:
        first: pictures of the first setting: uint8 (n, H, W, 3), a tensor (n, 3, H, W) in [0, 1], or PIL images.
        second: pictures of the second setting, as many.
        prompts: of each pair, n.
        metrics: what to measure.
        names: of the settings.

    Returns:
        The table: means, mean difference with its interval, share of prompts that the second setting wins.

    Raises:
        ValueError: numbers do not match, nothing is given, or a metric answers anything but one finite number each.
    """
    ours, theirs = as_pictures(second), as_pictures(first)
    if not len(prompts) == len(ours) == len(theirs) > 0:
        found = f"{len(theirs)} and {len(ours)} pictures, {len(prompts)} prompts"
        raise ValueError(f"{found}: expected the same number of each, and at least one")
    if not metrics:
        raise ValueError("metrics: expected at least one")
    rows = [
        PairedRow(
            metric.name,
            bool(metric.higher_is_better),
            (float(metric.range[0]), float(metric.range[1])),
            _by_prompt(metric, theirs, prompts),
            _by_prompt(metric, ours, prompts),
        )
        for metric in metrics
    ]
    return PairedTable(names, tuple(rows))


def _by_prompt(metric: Metric, pictures: Pictures, prompts: Sequence[str]) -> dict[str, tuple[float, ...]]:
    scores = np.asarray(metric.score(pictures, prompts), np.float64)
    if scores.shape != (len(prompts),) or not np.isfinite(scores).all():
        found = f"{metric.name}: scores of shape {scores.shape} for {len(prompts)} pictures"
        raise ValueError(f"{found}: expected a finite number each")
    groups: dict[str, list[float]] = {}
    for prompt, score in zip(prompts, scores.tolist(), strict=True):
        groups.setdefault(prompt, []).append(score)
    return {prompt: tuple(some) for prompt, some in groups.items()}
