"""The saliency view: where a candidate draws the eye, what a loss looked at, and where to look instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

from PIL import Image

from guidewidgets.region import Region
from guidewidgets.session.events import Event, StepDone
from guidewidgets.session.optimisation.run import OptimisationRun
from guidewidgets.session.worker.newest import Newest
from guidewidgets.session.worker.saliency_map import SaliencyMap, look, shown_map
from guidewidgets.vision.saliency.by_name import usual
from guidewidgets.widgets import checks, encode
from guidewidgets.widgets.handlers import SLOT, Handler
from guidewidgets.widgets.optimise_start import STEPS, choices, chosen, in_force, start, words
from guidewidgets.widgets.panel import Panel

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Session

PICTURE, MAP = 0, 1
"""Numbers of the candidate and of its map among the pictures."""
LOSS = "loss"


def _show(panel: SaliencyPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.choose(args["slot"])


def _source(panel: SaliencyPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.ask(args["source"])


def _paint(panel: SaliencyPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.ask(Region.from_json(args["region"]))


def _optimise(panel: SaliencyPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Any:
    return panel.optimise(args["steps"], args.get("text"))


@final
class SaliencyPanel(Panel):
    """Where a candidate draws the eye, and where to look instead; `s.saliency`."""

    KIND: ClassVar[str] = "saliency"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "show": Handler(_show, SLOT),
        "source": Handler(_source, {"source": checks.text(200)}),
        "paint": Handler(_paint, {"region": checks.region}),
        "optimise": Handler(_optimise, {"steps": STEPS}, {"text": checks.text(1_000)}),
    }

    def __init__(self, session: Session, **traits: Any) -> None:
        self._chosen: int | None = None
        self._source: str | Region | None = None
        self._target: str | Region | None = (
            None  # the last source that was no loss: what the next one is to follow
        )
        self._map: SaliencyMap | None = None
        self._frame: bytes | None = None  # of the optimisation that it follows
        self._followed = -1
        self._problem = ""
        self._mapper = Newest("saliency", self._found, self._failed)
        super().__init__(session, **traits)

    # Commands

    def choose(self, slot: int) -> None:
        """Show another candidate. Raises IndexError for an unknown number."""
        self._chosen = self.session[slot].id
        self._look()

    def ask(self, source: str | Region) -> None:
        """Look through another source: a name of `spec.source_of`, a painted region, or "loss", what the loss saw.

        Raises:
            ValueError: no candidate is there to look at.
        """
        self._source = source
        self._target = self._target if source == LOSS else source
        self._look()

    def optimise(self, steps: int, wanted: str | None = None) -> dict[str, Any]:
        """Start SGOOL on the candidate with what was chosen as its saliency, towards a text; None: its own prompt.

        Raises:
            ValueError, TypeError: see `Session.optimize`.
        """
        job = start(self.session, self._candidate(), wanted, steps, "sgool", self._target)
        self._source = LOSS
        self.changed()
        return {"job": job.id}

    def _candidate(self) -> Candidate:
        there = self._chosen is not None and in_force(self.session, self._chosen)
        return chosen(self.session, self._chosen if there else None)

    def _look(self) -> None:
        candidate, source = self._candidate(), self._source
        if source == LOSS:
            self.changed()
            return
        session = self.session
        self._frame, self._problem = None, ""
        self._mapper.request(lambda: look(session.engine, candidate, source))
        self.changed()

    def _found(self, seen: SaliencyMap) -> None:
        self._map = seen
        self.changed()
        self.touch(PICTURE, MAP)

    def _failed(self, error: Exception) -> None:
        self._problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        self.changed()

    def heard(self, event: Event) -> None:
        """See `Panel.heard`: follow an optimisation that looks somewhere."""
        super().heard(event)
        if isinstance(event, StepDone) and isinstance(event.job.control, OptimisationRun):
            frames = event.job.control.frames
            newest = frames[-1] if frames else None
            fresh = newest is not None and (newest.index, event.job.id) != self._followed
            if newest is not None and newest.focus is not None and fresh and self._source in (LOSS, None):
                self._followed = (newest.index, event.job.id)
                self._source, self._frame, self._problem = LOSS, newest.jpeg, ""
                self._map = shown_map(event.job.slots[0], newest.focus)
                self.changed()
                self.touch(PICTURE, MAP)

    # To the page

    def state(self) -> dict[str, Any]:
        """See `Panel.state`."""
        offered = choices(self.session, self._chosen)
        seen = self._map
        candidate = self._candidate() if offered else None
        source = self._source
        undone = seen is not None and source != LOSS and not in_force(self.session, seen.candidate)
        if candidate and (seen is None or undone) and not self._problem and not self._mapper.busy:
            self._mapper.request(lambda: look(self.session.engine, candidate, source))
        return {
            "candidate": None if candidate is None else candidate.id,
            "choices": offered,
            "words": [] if candidate is None else words(candidate),
            "source": "painted" if isinstance(source, Region) else source or usual(self.session.engine),
            "problem": self._problem,
            "looking": self._mapper.busy,
            "map": None
            if seen is None
            else {
                "candidate": seen.candidate,
                "kind": seen.kind,
                "name": seen.source,
                "threshold": seen.threshold,
                "boxes": [list(map(_short, box)) for box in seen.boxes],
                "areas": list(map(_short, seen.areas)),
                "masses": list(map(_short, seen.masses)),
            },
        }

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel.pictures`: 0 the candidate (or the frame that was followed), 1 its map in grey, lossless."""
        seen, tiles, buffers = self._map, list[dict[str, Any]](), list[bytes]()
        if seen is None:
            return tiles, buffers
        if wanted is None or PICTURE in wanted:
            if self._frame is not None:
                height, width = seen.levels.shape
                encoded = encode.Encoded(self._frame, "image/jpeg", width, height, exact=False)
            else:
                encoded = encode.final(self.session[seen.candidate].image, 4 * self.tile_px)
            tiles.append(encoded.describe(PICTURE, final=True))
            buffers.append(encoded.data)
        if wanted is None or MAP in wanted:
            grey = encode.exact(Image.fromarray(seen.levels).convert("RGB"))
            tiles.append(grey.describe(MAP, final=True))
            buffers.append(grey.data)
        return tiles, buffers


def _short(value: float) -> float:
    return round(float(value), 4)
