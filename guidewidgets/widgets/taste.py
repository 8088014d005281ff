"""The taste panel: what the session thinks you like, how sure it is, and how well it foretold your stars."""

from __future__ import annotations

import html
import itertools
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np
from PIL import Image

from guidewidgets.arguments import plural
from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets import checks, colours, encode
from guidewidgets.widgets.handlers import Answer, Handler
from guidewidgets.widgets.panel import Panel

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.preference.dataset import PreferenceReport

THUMB = 128
"""Pixels a side of a picture."""
SHOWN = 6
"""Pictures in a row: what it likes most."""
ROUNDS = 20
"""Newest batches whose score is shown."""
ASKED = 24
"""Most liked pictures among which the next question is looked for."""
MEASURED = 2
"""Pictures that leverage is measured on."""


def _suggest(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    return panel.session.suggest(args["n"]).id


def _prefer(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.session.prefer(args["better"], over=args["worse"])


def _leverage(panel: TastePanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    return panel.levers()


@final
class TastePanel(Panel):
    """A view of what a session has learned; answers to its questions teach it more."""

    KIND: ClassVar[str] = "taste"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "suggest": Handler(_suggest, {"n": checks.integer(-checks.MAX_INT, checks.MAX_INT)}),
        "prefer": Handler(
            _prefer, {"better": checks.integer(0, checks.MAX_INT), "worse": checks.integer(0, checks.MAX_INT)}
        ),
        "leverage": Handler(_leverage, deferred=True),
    }

    def __init__(self, session: Session, **traits: Any) -> None:
        self._cached: tuple[int, PreferenceReport | str] | None = None
        self._lock = threading.Lock()
        super().__init__(session, **traits)

    def state(self) -> dict[str, Any]:
        """See `Panel`."""
        found = self._report()
        if isinstance(found, str):
            return {"report": None, "why": found}
        return {"report": _report_json(found), "why": ""}

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel`: the pictures it names."""
        del wanted
        found = self._report()
        if isinstance(found, str):
            return [], []
        report = _report_json(found)
        numbers = [one["slot"] for one in report["likes"]] + list(report["question"])
        tiles: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for number in dict.fromkeys(numbers):
            try:
                image = self.session[number].image
            except SessionFileError:  # its file is damaged: the panel goes on without it
                continue
            small = image.copy()
            small.thumbnail((THUMB, THUMB))
            exact = small.size == image.size
            data = encode.lossless(small) if exact else encode.jpeg(small)
            kind = "image/webp" if exact else "image/jpeg"
            one = encode.Encoded(data, kind, image.width, image.height, exact)
            tiles.append(one.describe(number, final=True))
            buffers.append(one.data)
        return tiles, buffers

    def tell_state(self) -> None:
        """See `Outlet`: with the pictures that the new state names, which are small and few."""
        self.tell_snapshot()

    def static_html(self) -> str:
        """See `Panel`."""
        found = self._report()
        if isinstance(found, str):
            return ""
        return f"<p>{html.escape(_summary(found))}</p>"

    def levers(self) -> Answer:
        """The gauge: how far pictures move, and where, as maps of one scale."""
        found = self.session.leverage(MEASURED)
        high = max(1.0, *(float(m.max()) for m in found.maps.values()))
        value = {
            "prompt": str(self.session.prompt)[:200],
            "images": found.images,
            "high": round(high, 1),
            "weak": found.weak_noise,
            "levers": [
                {"name": name, "mean": round(float(found.maps[name].mean()), 2)} for name in found.maps
            ],
            "media_type": "image/webp",
        }
        painted = [colours.inferno(np.asarray(m, np.float64), high) for m in found.maps.values()]
        ramp = Image.fromarray(colours.INFERNO[None], "RGB")
        return value, [encode.lossless(image) for image in (*map(Image.fromarray, painted), ramp)]

    def _report(self) -> PreferenceReport | str:
        """What is thought now; or why nothing is. Thinking takes a second at most, and is done once per change."""
        version = self.session.view().version
        with self._lock:
            if self._cached is None or self._cached[0] != version:
                try:
                    self._cached = version, self.session.opinion()
                except ValueError as error:  # a session that was opened without its model
                    self._cached = version, str(error)
            return self._cached[1]


def _report_json(report: PreferenceReport) -> dict[str, Any]:
    """A report as JSON."""
    return {
        "summary": _summary(report),
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
        "question": _question(report),
    }


def _question(report: PreferenceReport) -> list[int]:
    """Two of the most liked pictures of which it cannot tell the better: the answer teaches most. Or none."""
    best: tuple[float, list[int]] = (-1.0, [])
    for one, other in itertools.combinations(report.ranking[:ASKED], 2):
        doubt = (one[2] + other[2]) / (1.0 + abs(one[1] - other[1]))
        if doubt > best[0]:
            best = doubt, [one[0], other[0]]
    return best[1]


def _summary(report: PreferenceReport) -> str:
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
