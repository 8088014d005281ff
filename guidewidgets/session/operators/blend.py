"""Blending: spherical interpolation between whole candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import torch
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets import evolve
from guidewidgets.engine import Engine
from guidewidgets.evolve.blend import check_parents
from guidewidgets.evolve.embedding import blend_offsets
from guidewidgets.limits import LIMIT
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.settings import Overrides, RenderSettings

# Eight blends each of 120 pairs (embedded model, 3 prompts), their differences as multiples of those between blends of
# strangers on the prompt: above this correlation .37 in the median, and less than half in 13 of 21 pairs; below it .82,
# and in 11 of 99. Relatives above it are mutants of a small spot (.93) and blends of the same parents (.87). Siblings
# by crossover are far below (.24 to .40), and blend into pictures that differ nearly as strangers' do (.83 of three
# parents, .66 of two).
ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class Blend(Operator):
    """Spherical blends of the parents' latents."""

    name = "blend"
    colour = "#d7c200"
    title = "{images} in between"
    made = ("blend", "blends", "of")

    parents: Parents
    n: int

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)
        check_parents(len(self.parents))

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        children, weights = evolve.blend(self.parents.latents, self.n, seed)
        parameters = [{"weights": row.tolist()} for row in weights]
        offsets = blend_offsets(self.parents.offsets, weights)
        return self.offspring(engine, settings, seed, children, parameters, self.parents, offsets=offsets)


def blend(
    context: Context,
    candidates: Sequence[int],
    n: int = 8,
    *,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Spherical blends of whole candidates; see `evolve.blend`. A notice says where they are too near relatives.

    Args:
        context: the session.
        candidates: at least two numbers.
        n: how many children, 1 to `limit`.
        seed: see `sample`.
        limit: see `sample`.
        **overrides: settings for this job only; the size is the parents'.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    parents, settings = context.family(candidates, overrides)
    job = context.start(Blend(parents, n), n, settings, seed, limit)
    if (share := likeness(parents)) > ALIKE:
        numbers = ", ".join(str(parent.id) for parent in parents)
        why = f"{numbers} are near relatives (their noise correlates by {share:.2f})"
        context.state.notice("info", f"{why}: blends of them tend to look alike.", about=job.id)
    return job


def likeness(parents: Parents) -> float:
    """The correlation of the two parents' noises that are least alike; 0 where embeddings differ as well."""
    if any(offset is not None for offset in parents.offsets):
        return 0.0
    rows = torch.stack(parents.latents).double().flatten(1)
    return float((F.normalize(rows) @ F.normalize(rows).T).min())
