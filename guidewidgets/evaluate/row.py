"""One line of a score sheet: a share, or a mean, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from guidewidgets.evaluate.interval import SHARES, over_prompts


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One line of a score sheet.

    Args:
        category: what was asked.
        says: what counts as right, in words.
        prompts: how many prompts.
        images: how many pictures.
        score: share of pictures that were right, or the mean of what the line says.
        low: lower end of the 95 % interval.
        high: upper end of the 95 % interval.
        ceiling: the same figure for painted pictures that show exactly what was asked; None where nobody measured it.
    """

    category: str
    says: str
    prompts: int
    images: int
    score: float
    low: float
    high: float
    ceiling: float | None = None


def make_row(
    category: str,
    says: str,
    groups: Sequence[Sequence[float]],
    ceiling: float | None = None,
    scale: float = 1.0,
    bounds: tuple[float, float] = SHARES,
) -> Row:
    """A row from the marks of each prompt's pictures; the interval is that of `over_prompts`.

    Args:
        category: see `Row`.
        says: see `Row`.
        groups: one sequence of marks per prompt.
        ceiling: see `Row`.
        scale: the score is multiplied by this.
        bounds: least and largest that a mark can be, before it is scaled.

    Raises:
        ValueError: no marks.
    """
    try:
        found = over_prompts(groups, bounds)
    except ValueError as error:
        raise ValueError(f"{category}: {error}") from None
    score, low, high = (scale * value for value in found)
    return Row(category, says, len(groups), sum(map(len, groups)), score, low, high, ceiling)
