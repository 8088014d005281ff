"""What an optimisation is to do, checked as a whole before anything is queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor

from guidewidgets.arguments import shown
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.genome import Genome
from guidewidgets.guide.losses import Losses
from guidewidgets.guide.noise_tilt import check_tilt
from guidewidgets.guide.optimisation import Optimisation
from guidewidgets.guide.presets import Plan, check_preset, make_plan
from guidewidgets.guide.sgool import Attend, SalientLosses, check_exact
from guidewidgets.guide.written import to_data
from guidewidgets.prompt import Literal
from guidewidgets.region import Region
from guidewidgets.session.optimisation.walks import WALKS, Walk, walk_of
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective
from guidewidgets.vision.saliency import Saliency
from guidewidgets.vision.saliency.boxes import Cut
from guidewidgets.vision.saliency.by_name import source_of

METHODS = ("doodl", "sgool", *(walk.name for walk in WALKS))
KEEP = ("best", "last")
SETTINGS = ("sampling_steps", "guidance", "sampler")


@dataclass(frozen=True, slots=True)
class OptimisationSpec:
    """All arguments of `optimize` and `edit` but what they start from."""

    objective: Objective
    method: str
    steps: int
    saliency: Saliency | Region | str | None
    attend: Attend | Mapping[str, Any] | None
    scale: float
    tilt: float
    keep: str
    watch: Objective | None
    changes: Mapping[int, Mapping[str, Any]]
    preset: str | None
    parameters: Mapping[str, Any]

    def check(self, engine: Engine, genome: Genome, x: Tensor) -> None:
        """Refuse what cannot be, before it is queued. TypeError, ValueError: one line names it."""
        for name, given in (("objective", self.objective), ("watch", self.watch or self.objective)):
            if not isinstance(given, Objective):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are people
                message = f"{name}={given!r:.60}: expected an objective such as ClipText('a red fox')"
                raise TypeError(message)
        for name, known in (("method", METHODS), ("keep", KEEP)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name}={getattr(self, name)!r}: expected one of {', '.join(known)}")
        check_number("steps", self.steps, 0)
        check_number("scale", self.scale, 0.0)
        check_tilt(self.tilt)
        if self.method != "sgool" and (self.saliency is not None or self.attend is not None):
            raise ValueError(
                f"method={self.method!r} looks everywhere alike: saliency and attend are for method='sgool'"
            )
        check_preset(self.preset, engine)
        plan = self.plan()
        if (walk := walk_of(self.method)) is not None:
            self._check_walk(walk, engine, genome)
            return
        if self.method == "sgool":
            check_exact(plan.probes)
        run = self.optimisation(engine, genome, x, 0, plan)
        for index, change in self.changes.items():
            check_number("the step of a change", index, 0)
            run.check(**change)

    def _check_walk(self, walk: Walk, engine: Engine, genome: Genome) -> None:
        """Refuse what is about the updates that a walk does not make, and a model that it cannot walk."""
        more = {"preset": self.preset, "changes": self.changes, "watch": self.watch}
        given = {**self.parameters, **{name: value for name, value in more.items() if value}}
        if given:
            told = ", ".join(f"{name}={shown(value)}" for name, value in given.items())
            raise ValueError(
                f"{told}: method {self.method!r} makes no updates; what it takes is {walk.takes}"
            )
        walk.check(engine, walk.walked(genome, 0))
        self.losses(engine, genome)

    def plan(self) -> Plan:
        """How it moves; settings of the rendering are the genome's."""
        if clash := sorted(set(self.parameters) & set(SETTINGS)):
            raise TypeError(f"{clash[0]} belongs to the picture: expected it to be the candidate's own")
        return make_plan(self.preset, self.parameters)

    def losses(self, engine: Engine, genome: Genome) -> Losses:
        """What it follows."""
        encoder = encoder_of(engine)
        if self.method != "sgool":
            return Losses(self.objective, encoder, self.watch)
        source = self.source(engine, genome)
        return SalientLosses(self.objective, encoder, source, self.attention(), self.watch)

    def strength(self, walk: Walk) -> float:
        """What was given of the argument that a walk takes."""
        return {"scale": self.scale, "tilt": self.tilt}[walk.takes]

    def attention(self) -> Attend:
        """How SGOOL looks."""
        if self.attend is None or isinstance(self.attend, Attend):
            return self.attend or Attend()
        given = dict(self.attend)
        if isinstance(given.get("cut"), Mapping):
            given["cut"] = Cut(**given["cut"])
        known = {f.name for f in fields(Attend)}
        if unknown := sorted(set(given) - known):
            raise TypeError(f"attend: unknown {unknown[0]!r}: expected some of {', '.join(sorted(known))}")
        return Attend(**given)

    def source(self, engine: Engine, genome: Genome) -> Saliency:
        """Where the eye is drawn."""
        texts = [node.text for node in genome.prompt.walk() if isinstance(node, Literal)]
        return source_of(self.saliency, engine, texts)

    def optimisation(
        self, engine: Engine, genome: Genome, x: Tensor, seed: int, plan: Plan | None = None
    ) -> Optimisation:
        """Ready to run."""
        losses = self.losses(engine, genome)
        return Optimisation(engine, [genome], x, losses, self.steps, plan or self.plan(), "cached", seed)

    def recorded(self) -> dict[str, Any]:
        """For recipes: what was optimised, and how."""
        found = {"method": self.method, "objective": _told(self.objective), "keep": self.keep}
        if (walk := walk_of(self.method)) is not None:
            return found | {walk.takes: self.strength(walk)}
        plan, watch = self.plan(), self.watch
        more = {"precondition": plan.precondition, "probes": plan.probes, "watch": watch and _told(watch)}
        return found | {name: value for name, value in more.items() if value}


def _told(objective: Objective) -> Any:
    try:
        return to_data(objective)
    except TypeError:
        return objective.name
