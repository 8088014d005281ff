"""The optimisation monitor: the picture as it changes, its film, its curves, and the levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

from guidewidgets.session.events import Changed, Event, StepDone
from guidewidgets.session.job import OVER
from guidewidgets.session.optimisation.filmstrip import strip
from guidewidgets.session.optimisation.run import OptimisationRun
from guidewidgets.widgets import checks
from guidewidgets.widgets.curve_points import points, some
from guidewidgets.widgets.handlers import SLOT, Answer, Handler
from guidewidgets.widgets.optimise_start import STEPS, choices, chosen, start, words
from guidewidgets.widgets.panel import Panel

if TYPE_CHECKING:
    from guidewidgets.session import Job, Session

MOST_STEPS = 100_000
STILL = 12
"""Frames that stay in the notebook, and that a page that opens late gets at once; it asks for the others."""
_STEP: Mapping[str, checks.Check] = {"step": checks.integer(0, MOST_STEPS)}
LEVERS = ("lr", "momentum", "clip", "perturbation")


def _start(panel: MonitorPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Any:
    candidate = chosen(panel.session, args.get("slot"))
    return {"job": start(panel.session, candidate, args.get("text"), args["steps"], "doodl").id}


def _pause(panel: MonitorPanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.job.pause()
    panel.changed()


def _resume(panel: MonitorPanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.job.resume()
    panel.changed()


def _stop(panel: MonitorPanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.job.stop()
    panel.changed()


def _accept(panel: MonitorPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Any:
    return {"slot": panel.job.accept(args["step"]).slots[0]}


def _change(panel: MonitorPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    given: dict[str, Any] = {k: v for k, v in args.items() if k not in ("part", "weight")}
    if "part" in args:
        given["weights"] = {args["part"]: args.get("weight", 1.0)}
    panel.job.change(**given)
    panel.changed()


def _frame(panel: MonitorPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    tiles, buffers = panel.pictures({args["step"]: True})
    if not tiles:
        raise ValueError(f"there is no update {args['step']}")
    return tiles[0], buffers


@final
class MonitorPanel(Panel):
    """An optimisation under way, or the newest there was; `s.monitor`."""

    KIND: ClassVar[str] = "monitor"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "start": Handler(_start, {"steps": STEPS}, {**SLOT, "text": checks.text(1_000)}),
        "pause": Handler(_pause),
        "resume": Handler(_resume),
        "stop": Handler(_stop),
        "accept": Handler(_accept, _STEP),
        "frame": Handler(_frame, _STEP, deferred=True),
        "change": Handler(
            _change,
            optional={
                "lr": checks.number(0, 1e6),
                "steps": checks.integer(0, MOST_STEPS),
                "part": checks.text(1_000),
                "weight": checks.number(-1e6, 1e6),
            },
        ),
    }

    def __init__(self, session: Session, **traits: Any) -> None:
        self._job: Job | None = None
        self._sent = 0
        self._find(session)
        super().__init__(session, **traits)

    @property
    def job(self) -> Job:
        """The optimisation it shows.

        Raises:
            ValueError: there was none yet.
        """
        if self._job is None:
            raise ValueError("no optimisation yet: start one with s.optimize(…)")
        return self._job

    @property
    def optimisation(self) -> OptimisationRun | None:
        """Its film and levers."""
        control = None if self._job is None else self._job.control
        return control if isinstance(control, OptimisationRun) else None

    # From the session

    def heard(self, event: Event) -> None:
        """See `Panel.heard`."""
        if isinstance(event, Changed):
            self._find(self.session)
            self.changed()
        elif isinstance(event, StepDone) and isinstance(event.job.control, OptimisationRun):
            frames = event.job.control.frames
            if event.job is not self._job:
                self._take(event.job)
            if self._sent == 0:  # it has begun: only now are its levers known
                self.changed()
            if len(frames) > self._sent:
                new = [frame.index for frame in frames[self._sent :]]
                self._sent = len(frames)
                self.touch(*new)

    def _find(self, session: Session) -> None:
        """The newest optimisation, under way or over."""
        newest = session.pursued
        if newest is not None and newest is not self._job:
            self._take(newest)

    def _take(self, job: Job) -> None:
        self._job, self._sent = job, 0

    # To the page

    def state(self) -> dict[str, Any]:
        """See `Panel.state`: the run, and what another one could begin with."""
        offered = choices(self.session)
        candidate = chosen(self.session) if offered else None
        return {
            "run": self._running(),
            "choices": offered,
            "candidate": None if candidate is None else candidate.id,
            "text": "" if candidate is None else " ".join(words(candidate)),
        }

    def _running(self) -> dict[str, Any] | None:
        job, optimisation = self._job, self.optimisation
        if job is None or optimisation is None or optimisation.run is None:
            waiting = None if job is None else {"job": job.id, "operator": job.operator, "state": job.state}
            blank = {"updates": 0, "parts": [], "levers": {}, "weights": {}, "points": []}
            return None if waiting is None else {**waiting, **blank}
        run = optimisation.run
        # A change takes effect with the next update; until then what was asked for is shown.
        asked = {} if job.state in OVER else optimisation.asked()
        plan = {name: getattr(run.plan, name) for name in LEVERS}
        levers = {name: value for name, value in plan.items() if value is not None}
        return {
            "job": job.id,
            "operator": job.operator,
            "state": job.state,
            "updates": asked.get("steps", run.updates),
            "parts": list(optimisation.frames[-1].losses) if optimisation.frames else [],
            "levers": {name: asked.get(name, value) for name, value in levers.items()},
            "weights": {**run.losses.weights, **asked.get("weights", {})},
            "points": points(optimisation),
            "changes": sorted(optimisation.changes),
            "workers": self._workers(),
        }

    def _workers(self) -> list[str]:
        """Who paints on which device: a line each, none where this process paints."""
        pool = self.session.engine.pool
        return [] if pool is None else [line.strip() for line in pool.table()][1:]

    def news(self) -> Any:
        """See `Panel.news`: the curves."""
        optimisation, job = self.optimisation, self._job
        if optimisation is None or job is None:
            return None
        return {
            "job": job.id,
            "points": points(optimisation),
            "parts": list(optimisation.frames[-1].losses if optimisation.frames else ()),
            "workers": self._workers(),
        }

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel.pictures`: frames by step."""
        optimisation = self.optimisation
        frames = {} if optimisation is None else {frame.index: frame for frame in tuple(optimisation.frames)}
        steps = some(list(frames), STILL) if wanted is None else [i for i in wanted if i in frames]
        size = (0, 0) if optimisation is None or optimisation.genome is None else optimisation.genome.size
        tiles = [
            {"slot": i, "w": size[0], "h": size[1], "media_type": "image/jpeg", "final": True, "exact": False}
            for i in steps
        ]
        return tiles, [frames[i].jpeg for i in steps]

    def static_html(self) -> str:
        """See `Panel.static_html`: the film and where the loss went."""
        optimisation = self.optimisation
        if optimisation is None or not optimisation.frames:
            return ""
        first, last = optimisation.frames[0], optimisation.frames[-1]
        said = f"{last.index} updates, loss {first.loss:.4g} → {last.loss:.4g}"
        film = strip([frame.jpeg for frame in optimisation.frames])
        return f'<figure><img alt="{said}" src="{film}"><figcaption>{said}</figcaption></figure>'
