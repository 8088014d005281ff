"""Repairing: the concept that a picture lacks is brought in."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from torch import Tensor

from guidewidgets.arguments import as_int
from guidewidgets.engine import Engine
from guidewidgets.genome import Genome, Recipe
from guidewidgets.guide import repair as method
from guidewidgets.limits import LIMIT
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import OffspringSteps
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.sketch import sketch
from guidewidgets.session.state import State
from guidewidgets.settings import RenderSettings

MOST_TRIES = 1000


@dataclass(frozen=True, slots=True)
class Repair(Operator):
    """A variation of the parent that holds what the parent lacks, or the parent itself; see `guide.repair`."""

    name = "repair"
    colour = "#b03060"
    title = "{images} being repaired"
    made = ("image", "images", "repaired from")
    standalone = True

    parents: Parents
    tries: int
    state: State

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> OffspringSteps:
        """See `Operator.breed`."""
        del settings  # the parent's own
        (parent,) = self.parents

        def walk(genomes: Sequence[Genome], rough: bool) -> Generator[None, None, Tensor]:  # noqa: FBT001
            if rough:
                return (yield from sketch(engine, genomes))
            made = yield from engine.renderer.latents(genomes)
            return made.to(engine.device)

        found = yield from method.repair(engine, parent.genome, walk, self.tries, seed)
        if not found.concept:
            self.state.notice("info", f"Image {parent.id} holds all that was asked: nothing to repair.")
        elif found.genome.hash == parent.hash:
            told = f"none of {found.tried} variations of image {parent.id} holds {found.concept!r} and all the rest"
            self.state.notice("warning", f"repair: {told}: the picture is as it was.")
        parameters = {
            "concept": found.concept,
            "holds": dict(found.after),
            "before": dict(found.before),
            "tries": self.tries,
        }
        return [(found.genome, Recipe(self.name, parameters, seed, *self.parents.lineage))]


def repair(
    context: Context,
    candidate: int,
    *,
    tries: int = method.TRIES,
    seed: int | None = None,
    limit: int | None = LIMIT,
) -> Job:
    """Find the concept of its prompt that a candidate lacks, and bring it in.

    The model itself says which it is (the least lift). Variations of the candidate's noise are sketched, the best is
    finished, and it counts only if it holds what was missing and still all that was there: else the next, and after
    three the candidate comes back as it was, which a notice says.

    Args:
        context: the session.
        candidate: its number.
        tries: variations to sketch, 1 to 1000.
        seed: see `sample`.
        limit: see `sample`.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range, or its prompt asks for one concept only.
    """
    parent = context.candidate(candidate)
    genome = parent.genome
    wanted = [c.text for c in genome.prompt.concepts() if c.shown]
    if len(wanted) < 2:
        found = f"candidate {parent.id} was asked for {wanted or 'nothing'}"
        message = f"{found}: expected two concepts or more, joined by AND"
        raise ValueError(message)
    operator = Repair(Parents([parent]), as_int("tries", tries, 1, MOST_TRIES), context.state)
    return context.start(operator, 1, RenderSettings.of(genome), seed, limit)
