"""Repair: find the concept that a picture holds least, and bring it in without losing the others.

SGOOL looks harder at what is salient, which is the thing that is there; what is missing is neglected by the model
itself, and the model can say so: its lift (`guide.lift`) is least. So the noise is varied, from hardly to mostly new
(the angles of `evolve.mutate`), all variations are sketched in a few strides, and the three whose least concept is
there most surely are finished: a sketch tells little of what will be there, a finished picture much. One counts only if
every concept that the picture held is still held, and the neglected one is too. Of those that count the one whose least
concept is held most takes the picture's place; if none does, the picture stays as it was. A search, and no gradient:
what it makes is as likely under the model as any picture.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.evolve.mutate import rotate
from guidewidgets.genome import Genome
from guidewidgets.guide.lift import Holds, lifts
from guidewidgets.settings import RenderSettings

ANGLES = (0.3, 1.4)  # radians, of the least and the most varied: hardly another picture, and mostly new noise
TRIES = 16
FINISHED = 3  # of the variations
HELD = 0.015
"""A lift from which on a concept counts as held.

Chosen by `benchmarks/repair_tuning.py`: 0.02 makes a third more pictures anew and mends no more of them.
"""

Walk = Callable[[Sequence[Genome], bool], Generator[None, None, Tensor]]
"""(genomes, whether a sketch is enough) → finished latents (n, C, H, W), on the engine's device."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What came of it.

    Attributes:
        genome: the variation that counts, or the one that was to be repaired.
        concept: that was held least; empty where all are held.
        before, after: lifts of the finished pictures.
        tried: variations that were sketched.
    """

    genome: Genome
    concept: str
    before: Holds
    after: Holds
    tried: int


def neglected(holds: Holds) -> str:
    """The concept that is held least, unless all are held, or there is but one; then the empty text."""
    least = min(holds, key=lambda concept: holds[concept], default="")
    return least if len(holds) > 1 and holds[least] < HELD else ""


def counts(before: Holds, after: Holds, concept: str) -> bool:
    """Whether a variation is a repair: it holds what was neglected, and of all others no less than is held, or was."""
    kept = all(after[one] >= min(lift, HELD) for one, lift in before.items() if lift > 0)
    return kept and after[concept] > HELD


def repair(
    engine: Engine, genome: Genome, walk: Walk, tries: int = TRIES, seed: int = 0
) -> Generator[None, None, Repaired]:
    """Repair one picture; yields wherever it may be cancelled.

    Args:
        engine: that made it.
        genome: of the picture; its prompt joins two concepts or more.
        walk: denoises genomes.
        tries: variations to sketch, at least 1.
        seed: of their noise.
    """
    z = yield from walk([genome], False)  # noqa: FBT003 - see `Walk`
    (before,) = yield from lifts(engine, z, [genome.prompt])
    concept = neglected(before)
    if not concept:
        return Repaired(genome, "", before, before, 0)
    latents = rotate(genome.latent, np.linspace(*ANGLES, tries).tolist(), seed)
    own = {"anchor": genome.anchor, "embedding_offset": genome.embedding_offset}
    varied = [g.replace(**own) for g in engine.genomes_under(RenderSettings.of(genome), latents, seed)]
    sketches = yield from walk(varied, True)  # noqa: FBT003
    seen = yield from lifts(engine, sketches, [genome.prompt] * tries)
    order = np.argsort([-min(one.values()) for one in seen], kind="stable")
    best: tuple[Genome, Holds] | None = None
    for i in order[:FINISHED]:
        z = yield from walk([varied[i]], False)  # noqa: FBT003
        (after,) = yield from lifts(engine, z, [genome.prompt])
        if counts(before, after, concept) and (best is None or min(after.values()) > min(best[1].values())):
            best = varied[i], after
    made, holds = best or (genome, before)
    return Repaired(made, concept, before, holds, tries)
