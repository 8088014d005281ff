"""The actions that optimise: a candidate towards an objective, or a photograph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from guidewidgets.engine.inversion import retrace
from guidewidgets.genome import Genome, Recipe
from guidewidgets.guide.one_step import pull
from guidewidgets.guide.optimisation import Optimisation, Record
from guidewidgets.guide.pictures import PREFIX, Reference, as_picture, fitted, to_tensor, to_text
from guidewidgets.guide.sgool import Attend
from guidewidgets.region import Region
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import OffspringSteps
from guidewidgets.session.optimisation.run import OptimisationRun, RunHooks
from guidewidgets.session.optimisation.spec import OptimisationSpec
from guidewidgets.session.recording import calls
from guidewidgets.session.recording.calls import recorded_standalone
from guidewidgets.session.settings import Settings
from guidewidgets.session.worker.launcher import LIMIT
from guidewidgets.vision.objective import Objective
from guidewidgets.vision.saliency import Saliency

Begin = Callable[[int], tuple[Optimisation, Genome]]


class Optimising(Actions):
    """What follows gradients; see `Session`."""

    _pursued: Job | None = None

    @property
    def pursued(self) -> Job | None:
        """The newest optimisation, under way or over; None before the first."""
        return self._pursued

    @recorded_standalone
    def optimize(
        self,
        candidate: int,
        objective: Objective,
        method: str = "doodl",
        steps: int = 50,
        *,
        saliency: Saliency | Region | str | None = None,
        attend: Attend | Mapping[str, Any] | None = None,
        scale: float = 100.0,
        keep: str = "best",
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
            candidate: its number.
            objective: the loss, such as `ClipText("a red fox") + 0.3 * Symmetry()`.
            method: "doodl" (through the whole chain), "sgool" (the salient parts count more), or "one_step" (one walk,
                pulled as it goes: the usual baseline, whose candidate is an EDICT pair).
            steps: updates; "one_step" has none.
            saliency: for "sgool": None (the embedded net, or the spectral residual), "embedded", "spectral",
                "response", "word:fox", a painted `Region`, or a source of `guidewidgets.vision.saliency`.
            attend: for "sgool": weights and rules, `Attend` or a dict of some of its fields.
            scale: for "one_step": of the gradient.
            keep: the "best" or the "last" step.
            changes: made on the way, by the step before which they are made: what `job.change` notes.
            preset: "published:clip" and so on; None: ours.
            seed: of the perturbations; see `sample`.
            limit: see `sample`.
            **overrides: of the plan: `lr`, `optimizer`, `momentum`, `clip`, `perturbation`, `whiteness`,
                `renormalise`.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        parent = self._state.find(candidate)
        genome, engine = parent.genome, self.engine
        if genome.revision != engine.revision:
            message = f"candidate {parent.id} was made by {genome.model}, not by this session's {engine.id}"
            raise ValueError(message)
        spec = OptimisationSpec(
            objective, method, steps, saliency, attend, scale, keep, changes or {}, preset, overrides
        )
        x = genome.latent[None] if genome.pair is None else genome.pair[:, None]
        spec.check(engine, genome, x)
        family = (parent.hash,), (parent.id,)
        if method == "one_step":
            walked = genome.replace(sampler="ddim", sampler_parameters={}, pair=None)
            return self._launch(
                "optimize",
                1,
                Settings.of(genome),
                seed,
                limit,
                lambda s: self._pulled(spec, walked, s, family),
            )

        def begin(s: int) -> tuple[Optimisation, Genome]:
            return spec.optimisation(engine, genome, x, s), genome

        return self._pursue("optimize", spec, Settings.of(genome), family, {}, seed, limit, begin)

    @recorded_standalone
    def edit(
        self,
        photo: Reference,
        objective: Objective,
        method: str = "doodl",
        steps: int = 25,
        *,
        prompt: str = "",
        guidance: float = 1.0,
        sampling_steps: int = 50,
        size: tuple[int, int] | None = None,
        saliency: Saliency | Region | str | None = None,
        attend: Attend | Mapping[str, Any] | None = None,
        keep: str = "best",
        changes: Mapping[int, Mapping[str, Any]] | None = None,
        preset: str | None = None,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Any,
    ) -> Job:
        """Find the noises that paint a photograph exactly, by EDICT run backwards, and optimise those.

        Args:
            photo: a file, a PIL image or a tensor (3, H, W) in [0, 1]; its middle is taken.
            objective: see `optimize`.
            method: "doodl" or "sgool".
            steps: updates.
            prompt: that describes the photograph; "" is the unconditional concept, with which guidance does nothing.
            guidance: guidance scale.
            sampling_steps: of EDICT, which wants many.
            size: (width, height) in pixels; None is the model's own.
            saliency: see `optimize`, as for all that follows.
            attend: see `optimize`.
            keep: see `optimize`.
            changes: see `optimize`.
            preset: see `optimize`.
            seed: see `optimize`.
            limit: see `optimize`.
            **overrides: see `optimize`.

        Raises:
            ValueError, TypeError: an argument is out of range, or the photograph cannot be read.
        """
        engine = self.engine
        if method == "one_step":
            message = "method='one_step' begins with fresh noise and cannot edit: expected 'doodl' or 'sgool'"
            raise ValueError(message)
        spec = OptimisationSpec(
            objective, method, steps, saliency, attend, 0.0, keep, changes or {}, preset, overrides
        )
        shape = engine.shape_of(size)
        size = (shape[2] * engine.codec.factor, shape[1] * engine.codec.factor)
        picture = fitted(as_picture(photo), size)
        blank = engine.noise(1, 0, size)
        (genome,) = engine.genomes(blank, prompt, sampling_steps, guidance, "edict")
        spec.check(engine, genome, blank)
        self._note_photo(photo, to_text(picture))

        def begin(s: int) -> tuple[Optimisation, Genome]:
            z = engine.encode(to_tensor(picture)[None])
            pair = retrace(engine, [genome], z)
            own = pair[:, 0].cpu()
            return spec.optimisation(engine, genome, pair, s), genome.replace(latent=own[0].clone(), pair=own)

        name = Path(photo).name if isinstance(photo, str | Path) and not str(photo).startswith(PREFIX) else ""
        return self._pursue(
            "edit", spec, Settings.of(genome), ((), ()), {"photo": name[:200]}, seed, limit, begin
        )

    def _note_photo(self, photo: Reference, text: str) -> None:
        """Note the picture itself, unless it lies beside the notebook: paths of this machine mean nothing elsewhere."""
        call = calls.current()
        local = isinstance(photo, str | Path) and not Path(photo).is_absolute() and Path(photo).is_file()
        if call is not None and not call.slots and isinstance(call.arguments, dict):
            call.arguments["photo"] = str(photo) if local else text

    def _pursue(
        self,
        operator: str,
        spec: OptimisationSpec,
        settings: Settings,
        family: tuple[tuple[str, ...], tuple[int, ...]],
        more: Mapping[str, Any],
        seed: int | None,
        limit: int | None,
        begin: Begin,
    ) -> Job:
        given = calls.current() or calls.Call(operator, {})

        def recipe(record: Record, s: int, losses: list[float], film: str) -> Recipe:
            told = {**spec.told(), **more, "steps": record.index, "losses": losses, "film": film}
            return Recipe(operator, told, s, *family)

        def accept(genome: Genome, made: Recipe, s: int, step: int, before: Mapping[int, Any]) -> Job:
            arguments = dict(given.arguments) | {"steps": step, "keep": "last", "changes": before}
            with calls.under_way(calls.Call(operator, arguments)):
                return self._launch(
                    operator, 1, settings, s, limit, lambda _: [(genome, made)], lane="interactive"
                )

        def noted(job: Job, changed: Mapping[str, Any]) -> None:
            call = calls.Call(operator, dict(given.arguments) | dict(changed))
            job.call = call.to_data(1, job.call["seed"], settings, self._state.settings)
            self._state.job_changed(job)

        ways = RunHooks(begin, recipe, accept, noted, self._launch.told, self._state.notice)
        pursuit = OptimisationRun(ways, spec.changes, spec.keep)
        job = self._launch(operator, 1, settings, seed, limit, pursuit.breed, control=pursuit)
        self._pursued = job
        return job

    def _pulled(
        self,
        spec: OptimisationSpec,
        genome: Genome,
        seed: int,
        family: tuple[tuple[str, ...], tuple[int, ...]],
    ) -> OffspringSteps:
        """One walk, pulled; then the pair that ends where it ended, so that its picture has a genome."""
        engine, losses, z = self.engine, [], genome.latent[None]
        for step in pull(engine, [genome], spec.losses(engine, genome), spec.scale):
            losses.append(step.loss)
            z = step.latent
            yield
        edict = genome.replace(sampler="edict")
        pair = retrace(engine, [edict], z)[:, 0].cpu()
        made = edict.replace(latent=pair[0].clone(), pair=pair)
        return [(made, Recipe("optimize", spec.told() | {"losses": losses}, seed, *family))]
