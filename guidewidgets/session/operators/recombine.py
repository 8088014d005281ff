"""Recombination by hand: the picked parts of several candidates in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

from guidewidgets import evolve
from guidewidgets.arguments import shown
from guidewidgets.engine import Engine
from guidewidgets.evolve.embedding import dominant_offsets
from guidewidgets.evolve.recombine import Pick, check_picks
from guidewidgets.limits import LIMIT
from guidewidgets.region import Region
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.selection import Spots, spots
from guidewidgets.settings import Overrides, RenderSettings


@dataclass(frozen=True, slots=True)
class Recombine(Operator):
    """The picked parts of several parents in one latent."""

    name = "recombine"
    colour = "#cc79a7"
    title = "{images} put together by hand"
    made = ("image", "images", "put together from")

    parents: Parents
    picks: Sequence[Pick]
    n: int

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)
        check_picks(self.picks)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        children, owners = evolve.recombine(self.parents.latents, self.picks, self.n, seed)
        picks = [p.to_json() if isinstance(p, Region) else [list(point) for point in p] for p in self.picks]
        parameters = [{"picks": picks}] * self.n
        offsets = dominant_offsets(self.parents.offsets, owners)
        return self.offspring(engine, settings, seed, children, parameters, self.parents, offsets=offsets)


def recombine(
    context: Context,
    picks: Mapping[int, Spots | Region],
    n: int = 8,
    *,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Put liked parts of several candidates together; see `evolve.recombine`.

    Args:
        context: the session.
        picks: candidate number → spots (x, y) in [0, 1], or a painted region.
        n: how many children, 1 to `limit`; the first is the exact nearest-click map.
        seed: see `sample`.
        limit: see `sample`.
        **overrides: settings for this job only; the size is the parents'.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    if not isinstance(picks, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are people
        expected = "expected a dict from candidate numbers to spots, as in {4: [(0.2, 0.5)]}"
        raise TypeError(f"picks={shown(picks)}: {expected}")
    parents, settings = context.family(list(picks), overrides)
    parts = [p if isinstance(p, Region) else spots(p) for p in picks.values()]
    return context.start(Recombine(parents, parts, n), n, settings, seed, limit)
