"""Mixing: weighted sums of whole candidates, as optimizers of nevergrad ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, Unpack

import torch
from torch import Tensor

from guidewidgets.arguments import as_float, as_list, shown
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.blend import on_sphere
from guidewidgets.evolve.embedding import blend_offsets
from guidewidgets.limits import LIMIT
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator, Parents, starred_parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.state import State
from guidewidgets.settings import LIMITS, Overrides, RenderSettings

MAX_WEIGHT = 1e9


@dataclass(frozen=True, slots=True)
class Mix(Operator):
    """Children (n, C, H, W) that are sums of the parents by weights, each with a guidance scale of its own."""

    name = "mix"
    colour = "#7f9c2d"
    title = "{images} as mixtures"
    made = ("mixture", "mixtures", "of")

    parents: Parents
    children: Tensor
    weights: Sequence[Sequence[float]]
    guidances: Sequence[float]

    @classmethod
    def of(cls, parents: Parents, weights: Sequence[Sequence[float]], guidances: Sequence[float]) -> Self:
        """Sums on the sphere, see `evolve.on_sphere`. Raises ValueError where weights cancel the parents out."""
        rows = torch.tensor(weights, dtype=torch.float64)
        return cls(parents, on_sphere(torch.stack(parents.latents), rows), weights, guidances)

    @classmethod
    def resolve(cls, state: State, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """See `Operator.resolve`: the starred parents."""
        return starred_parents(state, arguments)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        parameters = [
            {"weights": list(row), "guidance": scale}
            for row, scale in zip(self.weights, self.guidances, strict=True)
        ]
        offsets = blend_offsets(self.parents.offsets, torch.tensor(self.weights))
        made = self.offspring(
            engine, settings, seed, self.children, parameters, self.parents, offsets=offsets
        )
        return [
            (genome.replace(guidance=scale), recipe)
            for (genome, recipe), scale in zip(made, self.guidances, strict=True)
        ]


def mix(
    context: Context,
    parents: Sequence[int],
    weights: Sequence[Sequence[float]],
    *,
    guidances: Sequence[float] | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Weighted sums of whole candidates, brought back to the sphere their latents lie on; see `evolve.on_sphere`.

    Args:
        context: the session.
        parents: candidate numbers, at least two.
        weights: one row for each child, one weight of any sign for each parent.
        guidances: one guidance scale for each child; None: the session's.
        seed: of the branches of an OR; see `sample`, as for `limit` and `overrides`.
        limit: see `sample`.
        **overrides: settings for this job only; the size is the parents'.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    found, settings = context.family(parents, overrides)
    rows = _checked(weights, len(found))
    scales = [settings.guidance] * len(rows) if guidances is None else as_list(guidances) or []
    if len(scales) != len(rows):
        raise ValueError(f"{len(scales)} guidances for {len(rows)} children: expected one for each")
    scales = [LIMITS["guidance"].check("guidance", scale) for scale in scales]
    found.check(context.engine)
    # Made here, where weights that cancel the parents out are refused before anything is queued.
    return context.start(Mix.of(found, rows, scales), len(rows), settings, seed, limit)


def _checked(weights: Sequence[Sequence[float]], parents: int) -> list[list[float]]:
    given = as_list(weights) or []
    check_number("n", len(given), 1)
    rows: list[list[float]] = []
    for row in given:
        try:
            rows.append([as_float("weight", w, -MAX_WEIGHT, MAX_WEIGHT) for w in as_list(row) or ()])
        except (TypeError, ValueError):
            rows.append([])
        if len(rows[-1]) != parents:
            raise ValueError(f"weights {shown(row)}: expected {parents} finite numbers, one for each parent")
    return rows
