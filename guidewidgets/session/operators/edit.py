"""Editing: a photograph, inverted exactly, whose noises are then optimised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.inversion import retracing
from guidewidgets.genome import Genome
from guidewidgets.guide.pictures import PREFIX, Reference, as_picture, fitted, to_tensor, to_text
from guidewidgets.guide.sgool import Attend
from guidewidgets.limits import LIMIT
from guidewidgets.region import Region
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Bred, OffspringSteps
from guidewidgets.session.operators.base import Operator
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.optimize import controlled
from guidewidgets.session.optimisation.run import Beginning, OptimisationRun, work
from guidewidgets.session.optimisation.spec import OptimisationSpec
from guidewidgets.session.optimisation.walks import walk_of
from guidewidgets.settings import RenderSettings
from guidewidgets.vision.objective import Objective
from guidewidgets.vision.saliency import Saliency


@dataclass(frozen=True, slots=True)
class Edit(Operator):
    """An optimisation that begins with an inverted photograph; `genome` and `x` (1, C, H, W) are of its size."""

    name = "edit"
    colour = "#a0522d"
    title = "{images} being edited"
    made = ("image", "images", "edited from")
    standalone = True

    genome: Genome
    x: Tensor
    spec: OptimisationSpec
    run: OptimisationRun

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.spec.check(engine, self.genome, self.x)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> OffspringSteps:
        """See `Operator.breed`."""
        del engine, settings  # the run has both
        return self.run.breed(seed)


def edit(
    context: Context,
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
    watch: Objective | None = None,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    preset: str | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Any,
) -> Job:
    """Find the noises that paint a photograph exactly, by EDICT run backwards, and optimise those.

    Args:
        context: the session.
        photo: a file, a PIL image or a tensor (3, H, W) in [0, 1]. Its middle is taken, cut to the shape of `size`; a
            mask of the whole photo has to be cut alike (`PIL.ImageOps.fit`).
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
        watch: see `optimize`.
        changes: see `optimize`.
        preset: see `optimize`.
        seed: see `optimize`.
        limit: see `optimize`.
        **overrides: see `optimize`.

    Raises:
        ValueError, TypeError: an argument is out of range, or the photograph cannot be read.
    """
    engine = context.engine
    if walk_of(method) is not None:
        message = f"method={method!r} begins with fresh noise and cannot edit: expected 'doodl' or 'sgool'"
        raise ValueError(message)
    spec = OptimisationSpec(
        objective, method, steps, saliency, attend, 0.0, 0.0, keep, watch, changes or {}, preset, overrides
    )
    shape = engine.shape_of(size)
    size = (shape[2] * engine.codec.factor, shape[1] * engine.codec.factor)
    picture = fitted(as_picture(photo), size)
    blank = engine.noise(1, 0, size)
    (genome,) = engine.genomes(blank, prompt, sampling_steps, guidance, "edict")
    # The picture itself is noted, unless it lies beside the notebook: paths of this machine mean nothing elsewhere.
    local = isinstance(photo, str | Path) and not Path(photo).is_absolute() and Path(photo).is_file()
    context = context.noted(photo=str(photo) if local else to_text(picture))

    def begin(s: int) -> Beginning:
        pair = z = engine.encode(to_tensor(picture)[None])
        total = genome.steps + work(steps, genome.steps)
        for done, state in enumerate(retracing(engine, [genome], z), 1):
            pair = state
            yield Bred(done, total, "inverting the photo")
        own = pair[:, 0].cpu()
        return spec.optimisation(engine, genome, pair, s), genome.replace(latent=own[0].clone(), pair=own)

    name = Path(photo).name if isinstance(photo, str | Path) and not str(photo).startswith(PREFIX) else ""
    name = name[:200].encode(errors="replace").decode()  # a file's name may hold bytes that are no text
    settings = RenderSettings.of(genome)
    run = controlled(context, "edit", spec, settings, ((), ()), {"photo": name}, begin)
    return context.start(Edit(genome, blank, spec, run), 1, settings, seed, limit, control=run)
