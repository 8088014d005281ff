"""Voronoi crossover: children that are mosaics of their parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import torch

from guidewidgets import evolve
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.clicks import check_spots
from guidewidgets.evolve.embedding import cross_offsets
from guidewidgets.evolve.voronoi import FRESH_SHARE, check_cells
from guidewidgets.genome import Recipe
from guidewidgets.limits import LIMIT
from guidewidgets.session.candidate import as_candidate
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.operators.base import Operator, Parents, starred_parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.pick import Pick, contest, picked
from guidewidgets.session.selection import Spots, chosen, clicked, spots
from guidewidgets.session.state import State
from guidewidgets.settings import Overrides, RenderSettings
from guidewidgets.vision.objective import Objective

Sites = Mapping[int, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Cross(Operator):
    """Voronoi crossover of the parents' latents, after the parents that are shown again.

    Where there are sites, by the parents' numbers, `cells` and `fresh` have no say.
    """

    name = "cross"
    colour = "#e69f00"
    title = "{images} from your stars"
    made = ("child", "children", "of")

    parents: Parents
    n: int
    cells: int | None = None
    fresh: float | None = None
    sites: Sites | None = None
    elites: int = 0
    of: int | None = None
    pick: Pick | None = None

    @classmethod
    def resolve(cls, state: State, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """See `Operator.resolve`: the starred parents, and the spots they were starred for."""
        left = starred_parents(state, arguments)
        if {"sites", "cells"} & set(arguments):
            return left
        sites = clicked(chosen(state, (left or arguments)["parents"]))
        return left | ({"sites": sites} if sites else {})

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)
        if not self.elites < check_number("n", self.n, 1) or self.elites > len(self.parents):
            raise ValueError(
                f"elites={self.elites}: expected at most the {len(self.parents)} parents, "
                f"and fewer than n={self.n}"
            )
        if self.sites:
            numbers = [parent.id for parent in self.parents]
            if unknown := [number for number in self.sites if number not in numbers]:
                raise ValueError(f"sites of {unknown[0]}, which is none of the parents {numbers}")
            check_spots(self._spots())
        else:
            check_cells(len(self.parents), self.cells, self.fresh)
        if self.pick is not None:
            if self.elites:
                raise ValueError(f"elites={self.elites} with of={self.of}: expected one or the other")
            self.pick.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring | OffspringSteps:
        """See `Operator.breed`."""
        if self.pick is None:
            return self.children(engine, settings, seed)
        begun = replace(self, n=self.of or self.n).children(engine, settings, seed)
        return picked(engine, begun, self.pick, self.n, seed)

    def children(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """All that are begun, none picked; see `Operator.breed`."""
        again = [
            (parent.genome, Recipe("cross", {"index": i, "elite": True}, seed, (parent.hash,), (parent.id,)))
            for i, parent in enumerate(self.parents[: self.elites])
        ]
        n = self.n - self.elites
        children, parameters, fresh = self._mosaics(n, seed)
        offsets = cross_offsets(self.parents.offsets, n, fresh, seed)
        rows = [{"index": self.elites + i, **parameters} for i in range(n)]
        return [
            *again,
            *self.offspring(engine, settings, seed, children, rows, self.parents, offsets=offsets),
        ]

    def _mosaics(self, n: int, seed: int) -> tuple[torch.Tensor, dict[str, object], float]:
        """Children, what their recipes say of how they were cut, and the share of fresh noise."""
        pool = self.parents.latents
        if self.sites:
            spots = self._spots()
            children, _ = evolve.click_voronoi(pool, spots, n, seed)
            return children, {"sites": [[list(spot) for spot in some] for some in spots]}, FRESH_SHARE
        cells, fresh = check_cells(len(pool), self.cells, self.fresh)
        children, _ = evolve.voronoi_crossover(pool, n, cells, fresh, seed)
        return children, {"cells": cells, "fresh": fresh}, fresh

    def _spots(self) -> list[list[tuple[float, float]]]:
        sites = self.sites or {}
        return [[*sites.get(parent.id, ())] for parent in self.parents]


def cross(
    context: Context,
    parents: Sequence[int] | None = None,
    n: int = 12,
    cells: int | None = None,
    fresh: float | None = None,
    *,
    sites: Mapping[int, Spots] | None = None,
    elites: int = 0,
    of: int | None = None,
    pick: Objective | Sequence[str] | str | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Voronoi crossover: children that are mosaics of their parents' latents; see `evolve.voronoi_crossover`.

    Where parents were starred for a spot (`s.star(4, at=[(0.3, 0.7)])`), the spots are the sites; see
    `evolve.click_voronoi`.

    Args:
        context: the session.
        parents: candidate numbers; None: those starred in the generation on show, else in the newest with stars.
        n: how many children, 1 to `limit`.
        cells: Voronoi cells in each child; None is four per parent.
        fresh: share of the cells with new noise, in [0, 1]; None is 0.05.
        sites: parent's number → spots (x, y) in [0, 1] that the cells grow around; None: those the parents were
            starred for, unless `cells` are asked for; {}: none.
        elites: how many of the parents are shown again, as the first of the n, so that the best is never lost.
        of: begin so many, and keep the n best; see `sample`, as for `pick`. Not with elites.
        pick: which are best.
        seed: see `sample`, as for `limit` and `overrides`.
        limit: see `sample`.
        **overrides: settings for this job only; the size is the parents'.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    found, settings = context.family(parents, overrides)
    where = {as_candidate(i): spots(some) for i, some in (sites or {}).items()}
    many, by = contest(context, n, of, pick)
    operator = Cross(found, n, cells, fresh, where, check_number("elites", elites, 0), many, by)
    return context.start(operator, n, settings, seed, limit)
