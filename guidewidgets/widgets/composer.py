"""The composer: a prompt as chips to weigh, negate, mute and place, with a live preview."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np
from PIL import Image

from guidewidgets.prompt.chips import Chip, chips_of, prompt_of
from guidewidgets.session.events import Changed, Event
from guidewidgets.session.worker.live_preview import LivePreview, LivePreviewer, PreviewRequest
from guidewidgets.settings import NEGATIONS
from guidewidgets.widgets import checks, colours, encode, protocol
from guidewidgets.widgets.chips import chips
from guidewidgets.widgets.handlers import SLOT, Handler
from guidewidgets.widgets.optimise_start import choices, in_force
from guidewidgets.widgets.panel import Panel

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Job, Session

MOST_OF = 100
"""Pictures painted to keep one of."""
KEPT = 100
"""Arrangements of chips that undo finds again, mutes included."""
PICTURE = 0
"""Number of the preview among the pictures; concept i's map is 1 + i."""


def _drag(panel: ComposerPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.drag(args["chips"])


def _commit(panel: ComposerPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.commit(args["chips"])


def _set(panel: ComposerPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.session.set(**args)


def _choose(panel: ComposerPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.choose(args["slot"])


def _keep(panel: ComposerPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.keep(**args)


@final
class ComposerPanel(Panel):
    """A prompt as blocks to combine, weigh and place; `s.composer`.

    Dragging changes nothing but the preview. Letting go sets the session's prompt, one undoable event.
    """

    KIND: ClassVar[str] = "composer"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "drag": Handler(_drag, {"chips": chips}),
        "commit": Handler(_commit, {"chips": chips}),
        "set": Handler(
            _set, optional={"guidance": checks.number(0, 100), "negation": checks.one_of(*NEGATIONS)}
        ),
        "choose": Handler(_choose, SLOT),
        "keep": Handler(_keep, optional={"of": checks.integer(1, MOST_OF)}),
    }

    def __init__(self, session: Session, **traits: Any) -> None:
        self._arranged: dict[str, tuple[Chip, ...]] = {}
        self._chosen: int | None = None
        self._kept = -1  # the newest
        self._preview: LivePreview | None = None
        self._requested: object = None  # settings and candidate that a full preview was asked for
        self._watched = False
        self._error = ""  # of the last preview
        self._previewer = LivePreviewer(lambda: session.engine, self._shown, self._failed)
        super().__init__(session, **traits)

    # Commands

    def drag(self, arranged: tuple[Chip, ...]) -> None:
        """Preview an arrangement quickly; nothing else changes.

        Raises:
            ValueError: a concept cannot be read, or not by this model.
        """
        settings = self.session.view().settings.replace(prompt=prompt_of(arranged))
        settings = self.session.engine.checked(settings)
        self._requested = None
        self._previewer.request(PreviewRequest(settings, self._candidate(), self.session.seed, full=False))

    def commit(self, arranged: tuple[Chip, ...]) -> None:
        """Make an arrangement the session's prompt, and preview it in full.

        Raises:
            ValueError: see `drag`.
        """
        prompt = prompt_of(arranged)
        self._arranged.pop(str(prompt), None)
        self._arranged[str(prompt)] = arranged
        while len(self._arranged) > KEPT:
            del self._arranged[next(iter(self._arranged))]
        self.session.prompt = prompt
        self._draw()
        self.changed()

    def choose(self, slot: int) -> None:
        """Compose on another candidate's noise. Raises IndexError for an unknown number."""
        self._chosen = self.session[slot].id
        self._draw()
        self.changed()

    def keep(self, of: int | None = None) -> Job:
        """Make the preview a candidate, with the session's own rendering.

        Args:
            of: paint so many from new noise instead, and keep the one that holds all concepts most surely; costs
                1.1 · of pictures where a picture takes ten steps. See `Session.sample`.
        """
        candidate = self._candidate()
        if of is not None:
            job = self.session.sample(1, of=of)
        elif candidate is None:
            job = self.session.sample(1, seed=self.session.seed)
        else:
            job = self.session.render([candidate.id])
        (self._kept,) = job.slots
        return job

    # The live preview

    def _candidate(self) -> Candidate | None:
        if self._chosen is not None:
            return self.session[self._chosen]
        generation = self.session.view().generation
        if generation is None or not len(generation):
            return None
        return next((c for c in generation if c.starred), generation[0])

    def _draw(self) -> None:
        """Ask for the full preview of what is set now, unless it was asked for."""
        settings, candidate = self.session.view().settings, self._candidate()
        wanted = settings, candidate and candidate.id
        if self._watched and wanted != self._requested:
            self._requested = wanted
            self._previewer.request(PreviewRequest(settings, candidate, self.session.seed, full=True))

    def _shown(self, preview: LivePreview) -> None:
        self._preview, self._error = preview, ""
        concepts = 0 if preview.attribution is None else len(preview.attribution.concepts)
        self.touch(PICTURE, *range(1, 1 + concepts))

    def _failed(self, error: BaseException) -> None:
        self._error = str(error).splitlines()[0] if str(error) else type(error).__name__
        self.changed()

    # Panel

    def greeted(self, hello: protocol.Hello) -> None:
        """See `Panel`: from now on somebody looks."""
        super().greeted(hello)
        self._watched = True
        self._draw()

    def heard(self, event: Event) -> None:
        """See `Panel`."""
        super().heard(event)
        if isinstance(event, Changed):
            self._draw()

    def state(self) -> dict[str, Any]:
        """See `Panel`."""
        view = self.session.view()
        settings, candidate = view.settings, self._candidate()
        arranged = self._arranged.get(str(settings.prompt)) or chips_of(settings.prompt)
        return {
            "prompt": str(settings.prompt),
            "chips": [chip.to_json() for chip in arranged],
            "guidance": settings.guidance,
            "negation": settings.negation,
            "steps": settings.steps,
            "w": settings.size[0],
            "h": settings.size[1],
            "on": None if candidate is None else candidate.id,
            "choices": choices(self.session),
            "kept": self._kept if in_force(self.session, self._kept) else None,
            "doubts": self._doubts(),
            "can_undo": view.can_undo,
            "can_redo": view.can_redo,
            "preview": self.news(),
        }

    def _doubts(self) -> list[str]:
        return [self._error] if self._error else self.session.doubts()

    def news(self) -> dict[str, Any] | None:
        """See `Panel`: how far the preview is, and what each concept contributed."""
        preview = self._preview
        if preview is None:
            return None
        report: dict[str, Any] = {
            "prompt": str(preview.request.settings.prompt),
            "full": preview.request.full,
            "step": preview.step,
            "steps": preview.steps,
            "seconds": round(preview.seconds, 3),
            "attribution": None,
        }
        if preview.attribution is not None:
            attribution = preview.attribution
            report["attribution"] = {
                "concepts": [{"text": text[:200], "coefficient": c} for text, c in attribution.concepts],
                "high": float(attribution.maps.max()),
                "means": [float(one.mean()) for one in attribution.maps],
                "arrows": np.round(attribution.arrows, 3).tolist(),
                "flat": np.round(attribution.flat, 3).tolist(),
            }
        return report

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel`: the preview, and the map of each concept, all on one scale."""
        preview = self._preview
        if preview is None:
            return [], []
        size = preview.request.settings.size
        final = preview.done and preview.request.full
        if preview.done:
            made = {PICTURE: encode.final(Image.fromarray(preview.pixels), self.tile_px)}
        else:
            made = {PICTURE: encode.preview(preview.pixels, size, self.tile_px)}
        if preview.attribution is not None:
            high = max(float(preview.attribution.maps.max()), 1e-12)
            for i, one in enumerate(preview.attribution.maps):
                made[1 + i] = encode.exact(Image.fromarray(colours.inferno(one, high)))
        chosen = {n: e for n, e in made.items() if wanted is None or n in wanted}
        return [e.describe(n, final=final) for n, e in chosen.items()], [e.data for e in chosen.values()]

    def static_html(self) -> str:
        """See `Panel`."""
        return f"<p>Composer: <code>{html.escape(str(self.session.prompt))}</code></p>"

    def close(self) -> None:
        """See `Panel`."""
        if hasattr(self, "_previewer"):
            self._previewer.close()
        super().close()
