"""The actions that make children of several candidates: mosaics, recombinations, blends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from guidewidgets.engine.check import check_number
from guidewidgets.region import Region
from guidewidgets.session.actions import operators
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.job import Job
from guidewidgets.session.recording.calls import recorded
from guidewidgets.session.settings import Overrides
from guidewidgets.session.worker.launcher import LIMIT


class Crossing(Actions):
    """What makes one out of several; see `Session`."""

    @recorded
    def cross(
        self,
        parents: Sequence[int] | None = None,
        n: int = 12,
        cells: int | None = None,
        fresh: float | None = None,
        *,
        sites: Mapping[int, Sequence[tuple[float, float]]] | None = None,
        elites: int = 0,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Voronoi crossover: children that are mosaics of their parents' latents; see `evolve.voronoi_crossover`.

        Where parents were starred for a spot (`s.star(4, at=[(0.3, 0.7)])`), the spots are the sites; see
        `evolve.click_voronoi`.

        Args:
            parents: candidate numbers; None: those starred in the generation on show, else in the newest with stars.
            n: how many children, 1 to `limit`.
            cells: Voronoi cells in each child; None is four per parent.
            fresh: share of the cells with new noise, in [0, 1]; None is 0.05.
            sites: parent's number → spots (x, y) in [0, 1] that the cells grow around; None: those the parents were
                starred for, unless `cells` are asked for; {}: none.
            elites: how many of the parents are shown again, as the first of the n, so that the best is never lost.
            seed: see `sample`, as for `limit` and `overrides`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders, settings = self._family(parents, overrides)
        cut = operators.Cut(cells, fresh, sites or {}, check_number("elites", elites, 0))
        # Bad arguments are refused before anything is queued; one child is enough to find them.
        trial = min(check_number("n", n, 1), cut.elites + 1)
        operators.cross(self.engine, settings, elders, trial, cut, 0)
        return self._launch(
            "cross",
            n,
            settings,
            seed,
            limit,
            lambda s: operators.cross(self.engine, settings, elders, n, cut, s),
        )

    @recorded
    def recombine(
        self,
        picks: Mapping[int, Sequence[tuple[float, float]] | Region],
        n: int = 8,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Put liked parts of several candidates together; see `evolve.recombine`.

        Args:
            picks: candidate number → spots (x, y) in [0, 1], or a painted region.
            n: how many children, 1 to `limit`; the first is the exact nearest-click map.
            seed: see `sample`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        if not isinstance(picks, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are people
            message = (
                f"picks={picks!r}: expected a dict from candidate numbers to spots, as in {{4: [(0.2, 0.5)]}}"
            )
            raise TypeError(message)
        parents, settings = self._family(list(picks), overrides)
        parts = [p if isinstance(p, Region) else tuple(p) for p in picks.values()]
        # Bad arguments are refused before anything is queued.
        operators.recombine(self.engine, settings, parents, parts, 1, 0)
        return self._launch(
            "recombine",
            n,
            settings,
            seed,
            limit,
            lambda s: operators.recombine(self.engine, settings, parents, parts, n, s),
        )

    @recorded
    def blend(
        self,
        candidates: Sequence[int],
        n: int = 8,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Spherical blends of whole candidates; see `evolve.blend`.

        Args:
            candidates: at least two numbers.
            n: how many children, 1 to `limit`.
            seed: see `sample`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        parents, settings = self._family(candidates, overrides)
        operators.blend(
            self.engine, settings, parents, 1, 0
        )  # refuses bad arguments before anything is queued
        return self._launch(
            "blend", n, settings, seed, limit, lambda s: operators.blend(self.engine, settings, parents, n, s)
        )
