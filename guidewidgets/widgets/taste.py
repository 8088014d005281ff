"""The taste panel: what the session thinks you like, how sure it is, and how well it foretold your stars."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np
from PIL import Image

from guidewidgets.preference.choice import MOST
from guidewidgets.session.events import Changed
from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets import checks, colours, encode
from guidewidgets.widgets.handlers import Answer, Handler
from guidewidgets.widgets.panel import Panel
from guidewidgets.widgets.plane_pad import SKETCH, PlanePad
from guidewidgets.widgets.taste_words import (
    BEST_OF,
    HOLDS,
    PUBLISHED,
    TASTE,
    liked,
    report_json,
    summary,
    ways,
)

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.events import Event
    from guidewidgets.session.preference.dataset import PreferenceReport
    from guidewidgets.widgets import protocol

THUMB = 128
"""Pixels a side of a picture."""
ASKED = 4
"""Pictures that a question is about, unless the page asks for more or fewer."""
MEASURED = 2
"""Pictures that leverage is measured on."""


def _suggest(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    session, n, how = panel.session, args["n"], args.get("how")
    if how == PUBLISHED:
        parents = session.resolve("cross", {})["parents"]
        if len(parents) < 2:
            raise ValueError("crossover as published takes two parents: star another image")
        return session.cross(parents, n, cells=2 * len(parents), fresh=0).id
    return session.suggest(n, of=BEST_OF * n if how == HOLDS else None).id


def _prefer(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    better = args.get("better")
    panel.session.prefer(better, over=[slot for slot in args["slots"] if slot != better])


def _ask(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.ask(args["of"])


def _corners(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.pad.choose(args["slots"])
    panel.changed()


def _move(panel: TastePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.pad.move(args["weights"], full=args["full"])


def _keep(panel: TastePanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    return panel.pad.keep().id


def _leverage(panel: TastePanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    return panel.levers()


@final
class TastePanel(Panel):
    """A view of what a session has learned; answers to its questions teach it more."""

    KIND: ClassVar[str] = "taste"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "suggest": Handler(
            _suggest,
            {"n": checks.integer(-checks.MAX_INT, checks.MAX_INT)},
            {"how": checks.one_of(TASTE, HOLDS, PUBLISHED)},
        ),
        "prefer": Handler(_prefer, {"slots": checks.slots}, {"better": checks.integer(0, checks.MAX_INT)}),
        "ask": Handler(_ask, {"of": checks.integer(2, MOST)}),
        "corners": Handler(_corners, {"slots": checks.slots}),
        "move": Handler(_move, {"weights": checks.slots, "full": checks.boolean}),
        "keep": Handler(_keep),
        "leverage": Handler(_leverage, deferred=True),
    }

    def __init__(self, session: Session, **traits: Any) -> None:
        self._cached: tuple[int, PreferenceReport | str] | None = None
        self._lock = threading.Lock()
        self._asked = ASKED
        self._watched = False
        self.pad = PlanePad(session, lambda: self.touch(SKETCH), self.changed)
        super().__init__(session, **traits)

    def ask(self, of: int) -> None:
        """Ask about so many pictures from now on."""
        self._asked = of
        self.changed()

    def state(self) -> dict[str, Any]:
        """See `Panel`."""
        found, view = self._report(), self.session.view()
        more = {"of": self._asked, "can_undo": view.can_undo, "plane": self.pad.state()}
        if isinstance(found, str):
            return {"report": None, "why": found, "ways": [], **more}
        report = report_json(found, self._question())
        return {"report": report, "why": "", "ways": ways(found, view.settings.steps), **more}

    def greeted(self, hello: protocol.Hello) -> None:
        """See `Panel`: from now on somebody looks at the plane."""
        super().greeted(hello)
        self._watched = True
        self.pad.draw()

    def heard(self, event: Event) -> None:
        """See `Panel`."""
        super().heard(event)
        if self._watched and isinstance(event, Changed):
            self.pad.draw()

    def close(self) -> None:
        """See `Panel`."""
        if hasattr(self, "pad"):
            self.pad.close()
        super().close()

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel`: the pictures it names, and the sketch."""
        found = self._report()
        numbers = [c.id for c in self.pad.pictures()]
        if not isinstance(found, str):
            numbers += [*liked(found), *self._question()]
        tiles: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for number in dict.fromkeys(numbers):
            if wanted is not None and number not in wanted:
                continue
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
        sketch = self.pad.picture(self.tile_px)
        if sketch is not None and (wanted is None or SKETCH in wanted):
            tiles.append(sketch[0])
            buffers.append(sketch[1])
        return tiles, buffers

    def tell_state(self) -> None:
        """See `Outlet`: with the pictures that the new state names, which are small and few."""
        self.tell_snapshot()

    def static_html(self) -> str:
        """See `Panel`."""
        found = self._report()
        if isinstance(found, str):
            return ""
        return f"<p>{html.escape(summary(found))}</p>"

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

    def _question(self) -> tuple[int, ...]:
        return self.session.question(self._asked)

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
