"""A score sheet: shares with intervals, as text, as HTML, as a figure, as JSON."""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass
from typing import Any, final

from guidewidgets.evaluate.row import Row

HEAD = ("asked for", "right", "95 % interval", "true renders", "prompts", "pictures")


@final
@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """What `score_sheet` measured; prints as a table.

    Args:
        model: id and revision.
        settings: steps, guidance, seeds.
        rows: the figures.
        nouns: share of right pictures of every single noun.
    """

    model: str
    settings: str
    rows: tuple[Row, ...]
    nouns: dict[str, float]

    def __getitem__(self, category: str) -> Row:
        for row in self.rows:
            if row.category == category:
                return row
        raise KeyError(f"{category!r}: expected one of {', '.join(row.category for row in self.rows)}")

    def __str__(self) -> str:
        table = [HEAD, *self._cells()]
        widths = [max(len(line[k]) for line in table) for k in range(len(table[0]))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in table
        ]
        return "\n".join([f"{self.model}, {self.settings}", *lines, *self._worst()])

    def _repr_html_(self) -> str:
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in HEAD)
        body = "".join(
            f"<tr title='{html.escape(row.says, quote=True)}'>"
            + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in cells)
            + "</tr>"
            for row, cells in zip(self.rows, self._cells(), strict=True)
        )
        title = html.escape(f"{self.model}, {self.settings}")
        foot = "".join(f"<p>{html.escape(line)}</p>" for line in self._worst())
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row.category,
                _number(row, row.score),
                f"{_number(row, row.low)} to {_number(row, row.high)}",
                "-" if row.ceiling is None else _number(row, row.ceiling),
                str(row.prompts),
                str(row.images),
            )
            for row in self.rows
        ]

    def _worst(self) -> list[str]:
        weak = sorted((share, noun) for noun, share in self.nouns.items() if share < 0.9)
        told = ", ".join(f"{noun} {share:.0%}" for share, noun in weak[:12])
        return [f"weakest nouns: {told}"] if weak else []

    def figure(self) -> Any:
        """Bars with their intervals and the figures of true renders, as a matplotlib figure; nothing is shown or kept.

        Raises:
            ImportError: matplotlib is not installed.
        """
        from guidewidgets.evaluate.plot import draw

        return draw(f"{self.model}, {self.settings}", self.rows)

    def to_json(self) -> str:
        """All figures, as `from_json` reads them."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> ScoreSheet:
        """What `to_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            data = json.loads(text)
            rows = tuple(Row(**row) for row in data["rows"])
            return cls(data["model"], data["settings"], rows, dict(data["nouns"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no score sheet: {type(error).__name__} {str(error)[:80]}") from error


def _number(row: Row, value: float) -> str:
    return f"{value:.3f}" if row.category in {"judge", "diversity"} else f"{100 * value:.1f} %"
