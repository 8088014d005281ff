"""The plane pad: a point in the triangle of three favourites is a mixture of them, sketched as the point moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, final

from PIL import Image

from guidewidgets.session.operators.base import Parents
from guidewidgets.session.operators.mix import Mix
from guidewidgets.session.worker.live_preview import LivePreview, LivePreviewer, PreviewRequest
from guidewidgets.widgets import encode
from guidewidgets.widgets.optimise_start import choices, in_force

if TYPE_CHECKING:
    from guidewidgets.engine import Engine
    from guidewidgets.genome import Genome
    from guidewidgets.session import Candidate, Job, Session
    from guidewidgets.settings import RenderSettings

SKETCH = -1
"""Number of the sketch among the pictures."""
CORNERS = 3
FEW = "Star three images: any point between them is a picture, too."


@final
class PlanePad:
    """Three favourites, the point between them, and its sketch. What is kept is the mixture that was sketched.

    Attributes:
        weights: of the favourites, in percent.
        slots: the favourites' numbers; empty before there are three.
    """

    def __init__(self, session: Session, told: Callable[[], None], failed: Callable[[], None]) -> None:
        """Begin in the middle.

        Args:
            session: whose favourites.
            told: called when the sketch is new, on the worker's thread.
            failed: called when it could not be made, likewise.
        """
        self.weights: tuple[int, ...] = (34, 33, 33)
        self.slots: tuple[int, ...] = ()
        self._session, self._told, self._failed = session, told, failed
        self._chosen = False  # by hand
        self._wanted: object = None  # what the newest sketch is of
        self._sketch: LivePreview | None = None
        self._kept = -1
        self._error = ""
        self._previewer = LivePreviewer(lambda: session.engine, self._shown, self._broke)

    def corners(self) -> tuple[int, ...]:
        """The three: as chosen, or as they were when the point was moved first; else the newest favourites."""
        generations = self._session.history
        numbers = {c.id for generation in generations for c in generation}
        if not self._chosen or not numbers.issuperset(self.slots):
            self._chosen = False
            starred = [c for generation in generations for c in generation if c.starred and not c.filtered]
            newest = list({c.hash: c.id for c in starred}.values())[-CORNERS:]
            self.slots = tuple(newest) if len(newest) == CORNERS else ()
        return self.slots

    def choose(self, slots: Sequence[int]) -> None:
        """Make these the corners.

        Raises:
            ValueError, IndexError: they are not three different pictures.
        """
        found = [self._session[slot] for slot in slots]
        if len(found) != CORNERS or len({c.hash for c in found}) != CORNERS:
            raise ValueError(f"corners {', '.join(map(str, slots))}: expected three different images")
        Parents(found).check(self._session.engine)
        self.slots, self._chosen = tuple(slots), True
        self.draw()

    def move(self, weights: Sequence[int], *, full: bool) -> None:
        """Sketch another point; `full` with all steps.

        Raises:
            ValueError: there are no corners, or no weights.
        """
        if not self.corners():
            raise ValueError(FEW)
        if len(weights) != CORNERS or not sum(weights):
            raise ValueError(f"weights {list(weights)}: expected three, not all zero")
        self.weights, self._chosen = tuple(weights), True
        self.draw(full=full)

    def keep(self) -> Job:
        """Make the mixture a candidate. Raises as `move`."""
        if not self.corners():
            raise ValueError(FEW)
        # With the sketch's seed, so that a prompt with OR takes the same branch.
        job = self._session.mix(self.slots, [self._shares()], seed=self._session.seed)
        (self._kept,) = job.slots
        return job

    def draw(self, *, full: bool = True) -> None:
        """Sketch what is set now, unless that is what is sketched already."""
        try:
            self._draw(full=full)
        except ValueError as error:  # damaged or another model's, or the session was opened without its model
            self._broke(error)

    def state(self) -> dict[str, Any]:
        """What the page shows of it."""
        kept = in_force(self._session, self._kept)
        return {
            "slots": list(self.corners()),
            "choices": choices(self._session),
            "weights": list(self.weights),
            "kept": self._kept if kept else None,
            "why": self._error or ("" if self.slots else FEW),
        }

    def pictures(self) -> list[Candidate]:
        """The favourites."""
        return [self._session[slot] for slot in self.corners()]

    def picture(self, tile_px: int) -> tuple[dict[str, Any], bytes] | None:
        """The sketch, as `Panel.pictures` gives one; None before there is one."""
        sketch = self._sketch
        if sketch is None or not self.slots:
            return None
        if sketch.done:
            made = encode.final(Image.fromarray(sketch.pixels), tile_px)
        else:
            made = encode.preview(sketch.pixels, sketch.request.settings.size, tile_px)
        return made.describe(SKETCH, final=sketch.done and sketch.request.full), made.data

    def close(self) -> None:
        """End what is under way."""
        self._previewer.close()

    def _draw(self, *, full: bool) -> None:
        if not self.corners():
            return
        parents = Parents(self.pictures())
        settings = self._session.view().settings.replace(size=parents[0].genome.size)
        wanted = settings, self.slots, self.weights, full
        if wanted == self._wanted:
            return
        self._wanted, self._error = wanted, ""
        parents.check(self._session.engine)
        rows = [self._shares()]

        def genome(engine: Engine, settings: RenderSettings, seed: int) -> Genome:
            ((one, _),) = Mix.of(parents, rows, [settings.guidance]).breed(engine, settings, seed)
            return one

        self._previewer.request(PreviewRequest(settings, None, self._session.seed, full, genome))

    def _shares(self) -> list[float]:
        return [weight / sum(self.weights) for weight in self.weights]

    def _shown(self, sketch: LivePreview) -> None:
        self._sketch = sketch
        self._told()

    def _broke(self, error: BaseException) -> None:
        self._error = str(error).splitlines()[0] if str(error) else type(error).__name__
        self._failed()
