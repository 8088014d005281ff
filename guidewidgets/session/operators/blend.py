"""Blending: spherical interpolation between whole candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

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
    """Spherical blends of whole candidates; see `evolve.blend`.

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
    return context.start(Blend(parents, n), n, settings, seed, limit)
