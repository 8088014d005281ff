"""An optimisation on a worker: its steps come here, its changes go there."""

from __future__ import annotations

import pickle
import pickletools
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.genome import Genome
from guidewidgets.guide.optimisation import Optimisation, Step
from guidewidgets.session.optimisation.run import Tick, Ticks
from guidewidgets.session.optimisation.spec import OptimisationSpec

PACKAGES = {
    "guidewidgets",
    "torch",
    "numpy",
    "collections",
    "builtins",
    "__builtin__",
    "copyreg",
    "copy_reg",
    "_codecs",
}


@dataclass(frozen=True, slots=True)
class OptimiseThere:
    """What a worker is asked to do.

    Attributes:
        spec: of the optimisation.
        genome: that its latents go into.
        x: latents to start from.
        seed: of the perturbations.
    """

    spec: OptimisationSpec
    genome: Genome
    x: Tensor
    seed: int

    def __call__(self, engine: Engine) -> Generator[tuple[Any, bool], Any, None]:
        """On the worker: the sampler's steps by number, and the optimisation's own, each of which waits for changes."""
        run = self.spec.optimisation(engine, self.genome, self.x, self.seed)
        for tick in run.ticks():
            if not isinstance(tick, Step):
                yield tick.i, False
                continue
            image, latent = tick.image.cpu(), tick.latent.cpu()
            changes = yield (replace(tick, image=image, latent=latent), run.records[-1]), True
            if changes:
                run.change(**changes)

    def may_go(self, engine: Engine) -> bool:
        """Whether workers can do it: they have the model as it is here, and what this asks for."""
        pool = engine.pool
        if pool is None or engine.renderer is not pool or self.genome.prompt.models:
            return False
        return engine.has_own_encoder and _importable(self.spec)


def _importable(spec: OptimisationSpec) -> bool:
    """Whether nothing in it was written in a notebook, or comes from a package that workers may not have."""
    try:
        written = pickle.dumps(spec, protocol=3)  # of which each name is an opcode of its own
    except Exception:  # noqa: BLE001 - whatever an object of its user's says to that
        return False
    names = [str(given) for op, given, _ in pickletools.genops(written) if op.name == "GLOBAL"]
    return {name.partition(" ")[0].partition(".")[0] for name in names} <= PACKAGES


def ticks(
    engine: Engine, there: OptimiseThere, run: Optimisation, changes: Mapping[int, Mapping[str, Any]]
) -> Ticks:
    """As those of the optimisation itself, which keeps the records and is never iterated.

    Args:
        engine: has workers.
        there: what is asked of them.
        run: the same optimisation here.
        changes: by the step after which they are made; read when the next tick is asked for.
    """
    assert engine.pool is not None  # noqa: S101 - asked before
    with closing(engine.pool.errand(there.genome, there)) as errand:
        answer = None
        while True:
            try:
                said = errand.send(answer)
            except StopIteration:
                return
            answer = None
            if said is None:
                yield None
                continue
            what, painter = said
            if isinstance(what, int):
                yield Tick(what, painter)
                continue
            step, record = what
            if record.index >= len(run.records):  # else another worker does it all again
                run.records.append(record)
                yield Tick(step, painter)
            answer = changes.get(record.index)
