"""Rendering again: the same latents under other settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import torch

from guidewidgets.engine import Engine
from guidewidgets.genome import Recipe
from guidewidgets.limits import LIMIT
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator, check_family, latents_of, offsets_of, offspring
from guidewidgets.session.operators.context import Context
from guidewidgets.settings import Overrides, RenderSettings


@dataclass(frozen=True, slots=True)
class Render(Operator):
    """The parents' latents, unchanged, under new settings."""

    name = "render"
    colour = "#0072b2"
    title = "{images} once more"
    made = ("image", "images", "by render from")

    parents: Sequence[Candidate]

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        check_family(engine, self.parents)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        recipes = [
            Recipe("render", {"index": i}, seed, (p.hash,), (p.id,)) for i, p in enumerate(self.parents)
        ]
        latents = torch.stack(latents_of(self.parents))
        return offspring(engine, settings, latents, recipes, offsets=offsets_of(self.parents))


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
