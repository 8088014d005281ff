"""What the taste panel says: the report as JSON, how far it can be trusted, and what each way to suggest costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from guidewidgets.arguments import plural
from guidewidgets.session.operators.sketch import STRIDES
from guidewidgets.session.operators.suggest import POOL

if TYPE_CHECKING:
    from guidewidgets.session.preference.dataset import PreferenceReport

TASTE: Final = "taste"
HOLDS: Final = "holds"
PUBLISHED: Final = "published"
BEST_OF: Final = 2
"""Suggestions for each that is kept, where those are kept that hold what was asked for."""
SHOWN = 6
"""Pictures in a row: what it likes most."""
ROUNDS = 20
"""Newest batches whose score is shown."""


def report_json(report: PreferenceReport, question: Sequence[int]) -> dict[str, Any]:
    """A report as JSON, with the images to ask about."""
    return {
        "summary": summary(report),
        "sees": report.sees,
        "stars": report.stars,
        "comparisons": report.comparisons,
        "auc": None if report.auc is None else round(report.auc, 3),
        "used": report.used,
        "foretold": [
            {"batch": s.batch, "auc": round(s.auc, 3), "hits": s.hits, "chance": round(s.chance, 2)}
            for s in report.foretold[-ROUNDS:]
        ],
        "likes": [
            {"slot": number, "mean": round(mean, 3), "deviation": round(deviation, 3)}
            for number, mean, deviation in report.ranking[:SHOWN]
        ],
        "question": list(question),
    }


def liked(report: PreferenceReport) -> list[int]:
    """Numbers of what it likes most."""
    return [number for number, *_ in report.ranking[:SHOWN]]


def ways(report: PreferenceReport, steps: int) -> list[tuple[str, str]]:
    """What *Suggest* can choose by, and in words what each costs in pictures' worth of the network."""
    # See `suggest` and `sample`: sketches of `STRIDES` strides each, and lift asks as much as one step does.
    sketches = POOL * min(STRIDES / steps, 1) if report.used else 0
    whole = BEST_OF * (1 + 1 / steps + sketches)
    return [
        (TASTE, f"by taste: {_times(1 + sketches)}"),
        (HOLDS, f"and by what it holds: {_times(whole)}"),
        (PUBLISHED, f"as published, no taste: {_times(1)}"),
    ]


def _times(cost: float) -> str:
    return "1 × the time" if cost == 1 else f"{cost:.1f} × the time"


def summary(report: PreferenceReport) -> str:
    """How far it can be trusted, in one or two sentences."""
    if not report.comparisons:
        return "Star images you like and leave others: what you pick among them teaches your taste."
    stars, compared = plural(report.stars, "star"), plural(report.comparisons, "comparison")
    learned = f"Learned from {stars}, {compared}."
    if report.auc is None:
        return f"{learned} Not tested yet: it takes stars in two batches."
    sure = f"Of a starred image and another it names the starred one {report.auc:.0%} of the time."
    used = (
        "Suggestions go by it." if report.used else "Not used yet: that is hardly better than guessing (50%)."
    )
    return f"{learned} {sure} {used}"
