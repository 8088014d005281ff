"""Optimising: a candidate's noise follows an objective, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.inversion import painted_again
from guidewidgets.genome import Genome, Recipe
from guidewidgets.guide.noise_tilt import TILT
from guidewidgets.guide.optimisation import Optimisation, Record, Step
from guidewidgets.guide.sgool import Attend
from guidewidgets.limits import LIMIT
from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import OffspringSteps
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.optimisation.elsewhere import OptimiseThere
from guidewidgets.session.optimisation.elsewhere import ticks as elsewhere
from guidewidgets.session.optimisation.run import Beginning, OptimisationRun, RunHooks, Tick, Ticks
from guidewidgets.session.optimisation.spec import OptimisationSpec
from guidewidgets.session.optimisation.walks import Walk, walk_of
from guidewidgets.settings import RenderSettings
from guidewidgets.vision.objective import Objective
from guidewidgets.vision.saliency import Saliency

Lineage = tuple[tuple[str, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Optimize(Operator):
    """An optimisation of one parent.

    Attributes:
        parent: that is optimised.
        spec: how.
        x: latents it begins with: (1, C, H, W), or a pair (2, 1, C, H, W).
        way: the walk of a method that denoises once, else the run that controls the job.
    """

    name = "optimize"
    colour = "#d55e00"
    title = "{images} being optimised"
    made = ("image", "images", "optimised from")
    standalone = True

    parent: Candidate
    spec: OptimisationSpec
    x: Tensor
    way: Walk | OptimisationRun

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        Parents([self.parent]).check(engine)
        self.spec.check(engine, self.parent.genome, self.x)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> OffspringSteps:
        """See `Operator.breed`."""
        del settings  # the parent's own
        if isinstance(self.way, Walk):
            return self._walk(self.way, engine, seed)
        return self.way.breed(seed)

    def _walk(self, walk: Walk, engine: Engine, seed: int) -> OffspringSteps:
        """One guided walk; then the pair that ends where it ended, so that its picture has a genome."""
        losses: list[float] = []
        genome = walk.walked(self.parent.genome, seed)
        z, followed = genome.latent[None], self.spec.losses(engine, genome)
        for step in walk.states(engine, [genome], followed, self.spec.strength(walk)):
            losses.append(step.loss)
            z = step.latent
            yield
        made = painted_again(engine, genome.replace(noise_seed=self.parent.genome.noise_seed), z)
        recipe = Recipe(
            "optimize", self.spec.recorded() | {"losses": losses}, seed, *Parents([self.parent]).lineage
        )
        return [(made, recipe)]


def optimize(
    context: Context,
    candidate: int,
    objective: Objective,
    method: str = "doodl",
    steps: int = 50,
    *,
    saliency: Saliency | Region | str | None = None,
    attend: Attend | Mapping[str, Any] | None = None,
    scale: float = 100.0,
    tilt: float = TILT,
    keep: str = "best",
    watch: Objective | None = None,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    preset: str | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Any,
) -> Job:
    """Change a candidate's noise, step by step, until its picture loses less.

    The job can be paused, stopped (it keeps the best) and changed while it runs; any of its steps can be accepted
    as a candidate. Prompt, sampler and all that are the candidate's own.

    Args:
        context: the session.
        candidate: its number.
        objective: the loss, such as `ClipText("a red fox") + 0.3 * Symmetry()`.
        method: "doodl" (through the whole chain), "sgool" (the salient parts count more), "noise_tilt" (one walk by
            "ddpm", whose noise is tilted towards it), or "one_step" (one walk, pulled as it goes: the usual baseline).
            The candidate of one walk is an EDICT pair.
        steps: updates; one walk has none.
        saliency: for "sgool": None (the embedded net, or the spectral residual), "embedded", "spectral",
            "response", "word:fox", a painted `Region`, or a source of `guidewidgets.vision.saliency`.
        attend: for "sgool": weights and rules, `Attend` or a dict of some of its fields.
        scale: for "one_step": of the gradient.
        tilt: for "noise_tilt": share of the gradient in the noise, in [0, 1].
        keep: the "best" or the "last" step.
        watch: an objective that is left out of the loss, and whose curve is shown beside it: the best step is then
            the one that it likes best, since after that it never liked one as much.
        changes: made on the way, by the step before which they are made: what `job.change` notes.
        preset: "published:clip" and so on; None: ours.
        seed: of the perturbations, or of the noise of "noise_tilt"; see `sample`.
        limit: see `sample`.
        **overrides: of the plan: `lr`, `optimizer`, `momentum`, `clip`, `precondition`, `perturbation`,
            `whiteness`, `renormalise`; `probes` for objectives without a gradient, each of which takes two more
            renderings an update, and their `smoothing`.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    parent = context.candidate(candidate)
    genome, engine = parent.genome, context.engine
    spec = OptimisationSpec(
        objective, method, steps, saliency, attend, scale, tilt, keep, watch, changes or {}, preset, overrides
    )
    x = genome.latent[None] if genome.pair is None else genome.pair[:, None]
    settings = RenderSettings.of(genome)
    if (walk := walk_of(method)) is not None:
        return context.start(Optimize(parent, spec, x, walk), 1, settings, seed, limit)

    def begin(s: int) -> Beginning:
        yield from ()
        return spec.optimisation(engine, genome, x, s), genome

    run = controlled(context, "optimize", spec, settings, Parents([parent]).lineage, {}, begin)
    return context.start(Optimize(parent, spec, x, run), 1, settings, seed, limit, control=run)


def controlled(
    context: Context,
    operator: str,
    spec: OptimisationSpec,
    settings: RenderSettings,
    lineage: Lineage,
    more: Mapping[str, Any],
    begin: Callable[[int], Beginning],
) -> OptimisationRun:
    """An optimisation that can be changed, stopped and accepted from while it runs.

    Args:
        context: the session.
        operator: its name.
        spec: of the optimisation.
        settings: of its candidates.
        lineage: hashes and numbers of its parents.
        more: parameters of its recipe.
        begin: seed → the optimisation and the genome that its latents go into, on the worker's thread.
    """
    state, launcher, call = context.state, context.launcher, context.call

    def recipe(record: Record, s: int, curves: Mapping[str, list[float]], film: str) -> Recipe:
        parameters = {**spec.recorded(), **more, "steps": record.index, **curves, "film": film}
        return Recipe(operator, parameters, s, *lineage)

    def accept(genome: Genome, made: Recipe, s: int, step: int, before: Mapping[int, Any]) -> Job:
        arguments = {**call.arguments, "steps": step, "keep": "last", "changes": before}
        accepted = replace(call, arguments=arguments, slots=())
        return launcher(
            accepted, operator, 1, settings, s, None, lambda _: [(genome, made)], lane="interactive"
        )

    def noted(job: Job, changed: Mapping[str, Any]) -> None:
        now = replace(call, arguments={**call.arguments, **changed})
        job.call = now.to_data(1, job.call["seed"], settings, state.settings)
        state.job_changed(job)

    def ticks(run: Optimisation, genome: Genome, s: int, changes: Mapping[int, Mapping[str, Any]]) -> Ticks:
        there = OptimiseThere(spec, genome, run.start.cpu(), s)
        if there.may_go(context.engine):
            return elsewhere(context.engine, there, run, changes)
        return (Tick(made if isinstance(made, Step) else made.i) for made in run.ticks())

    hooks = RunHooks(begin, ticks, recipe, accept, noted, launcher.progressed, state.job_notice)
    return OptimisationRun(hooks, spec.changes, spec.keep)
