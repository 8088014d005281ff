"""Rendering again: the same latents under other settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Unpack

import torch

from guidewidgets.engine import Engine
from guidewidgets.limits import LIMIT
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.settings import Overrides, RenderSettings


@dataclass(frozen=True, slots=True)
class Render(Operator):
    """The parents' latents, unchanged, under new settings."""

    name = "render"
    colour = "#0072b2"
    title = "{images} once more"
    made = ("image", "images", "rendered again from")

    parents: Parents

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        latents, offsets = torch.stack(self.parents.latents), self.parents.offsets
        made = self.offspring(engine, settings, seed, latents, [{}] * len(self.parents), offsets=offsets)
        return [
            (genome, replace(recipe, parents=(parent.hash,), parent_ids=(parent.id,)))
            for (genome, recipe), parent in zip(made, self.parents, strict=True)
        ]


def render(
    context: Context,
    candidates: Sequence[int],
    *,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """The same latents with the session's settings, or those given: what another prompt makes of this noise.

    Args:
        context: the session.
        candidates: their numbers.
        seed: of the branches of an OR; see `sample`, as for `limit`.
        limit: see `sample`.
        **overrides: settings for this job only; the size is the candidates'.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    parents, settings = context.family(candidates, overrides)
    return context.start(Render(parents), len(parents), settings, seed, limit)
