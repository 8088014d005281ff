"""Searching: a picture that loses less, at a stated number of network evaluations and with no gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from guidewidgets.engine import Engine
from guidewidgets.engine.inversion import check_inverts, painted_again
from guidewidgets.genome import Genome, Recipe
from guidewidgets.guide import written
from guidewidgets.guide.search import METHODS, Found, check_budget, check_method, searched
from guidewidgets.guide.verifier import Verifier, verifier, wanted
from guidewidgets.limits import LIMIT
from guidewidgets.prompt import Prompt
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Bred, OffspringSteps
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.settings import Overrides, RenderSettings
from guidewidgets.vision.objective import Objective


@dataclass(frozen=True, slots=True)
class Search(Operator):
    """What a search finds, from the parent's noise on, where there is one; see `guide.search`."""

    name = "search"
    colour = "#5a5aa8"
    title = "{images} being searched for"
    made = ("image", "images", "found from")

    objective: Objective | Prompt | None
    evaluations: int
    method: str
    parents: Parents
    settings: RenderSettings

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)
        genome = self._start(engine, self.settings, 0)
        engine.check_sampler(genome.sampler, genome.steps, genome.sampler_parameters)
        check_budget(genome, self._verifier(engine, genome, 0), self.evaluations, self.method)
        if METHODS[self.method] is not None:
            check_inverts(engine)
            if genome.anchor is not None:
                raise ValueError(
                    f"method={self.method!r} would leave the lock of candidate {self.parents[0].id}"
                )

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> OffspringSteps:
        """See `Operator.breed`."""
        genome = self._start(engine, settings, seed)
        look = self._verifier(engine, genome, seed)
        losses: list[float] = []
        best: Found | None = None
        total = self.evaluations + genome.steps
        for found in searched(engine, genome, look, self.evaluations, self.method, seed):
            if found is None:
                yield
                continue
            best = found
            losses.append(found.loss)
            told = f"{found.spent} of {self.evaluations} evaluations, loss {found.loss:.4g}"
            yield Bred(found.spent, total, told)
        assert best is not None  # noqa: S101 - there is at least one look
        parameters: dict[str, Any] = {"method": self.method, "evaluations": best.spent, "losses": losses}
        if isinstance(self.objective, Objective):
            parameters["objective"] = _told(self.objective)
        recipe = Recipe(self.name, parameters, seed, *self.parents.lineage)
        if best.latent is None:
            return [(painted_again(engine, genome, best.finished[None]), recipe)]
        return [(genome.replace(latent=best.latent.cpu().clone()), recipe)]

    def _start(self, engine: Engine, settings: RenderSettings, seed: int) -> Genome:
        if self.parents:
            genome = self.parents[0].genome.replace(pair=None, **settings.named())
        else:
            (genome,) = engine.genomes_under(settings, engine.noise(1, seed, settings.size), seed)
        sampler = METHODS[self.method]
        if sampler is None:
            return genome
        return genome.replace(sampler=sampler, sampler_parameters={}, corrector={})

    def _verifier(self, engine: Engine, genome: Genome, seed: int) -> Verifier:
        # Another seed than the pictures': noise that one began with would ask it about its own way.
        return verifier(engine, self.objective, genome.prompt, seed + 1)


def search(
    context: Context,
    objective: Objective | Sequence[str] | None = None,
    evaluations: int = 200,
    method: str = "random",
    *,
    candidate: int | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Search for a picture that loses less, for any objective, at a stated number of network evaluations.

    The baseline that every optimisation has to beat; see `guide.search`. It gives one candidate, the best it has seen.

    Args:
        context: the session.
        objective: what is lost; texts, as in ["a fox", "an owl"]: they are looked for, by the model's own account, at
            one evaluation a picture; None: the concepts of the prompt are.
        evaluations: of the network, at most. One is one step of one picture: 200 cost as much as 20 pictures of ten
            steps; an encoder's looks come on top.
        method: "random" (the best of as many as can be painted), "zero_order" (small steps around the best so far),
            "paths" (noise is added again on the way, and the best previews go on) or "particles" (Feynman-Kac steering:
            previews are resampled). What the last two find no noise leads to: it is walked back to an EDICT pair, which
            costs and repaints in twice the picture's own evaluations.
        candidate: its settings are used, and its noise is where "zero_order" begins and the first that "random" tries;
            None: new noise.
        seed: see `sample`, as for `limit` and `overrides`.
        limit: see `sample`.
        **overrides: settings for this job only.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    followed, way = wanted(objective), check_method(method)
    if candidate is None:
        parents, settings = Parents(), context.settings(overrides)
    else:
        parents = Parents([context.candidate(candidate)])
        genome = parents[0].genome
        settings = context.settings(overrides, RenderSettings.of(genome), size=genome.size)
    return context.start(Search(followed, evaluations, way, parents, settings), 1, settings, seed, limit)


def _told(objective: Objective) -> Any:
    try:
        return written.to_data(objective)
    except TypeError:
        return objective.name
