"""The actions of a session: each checks its arguments, queues a job and returns."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from guidewidgets.engine import Engine
from guidewidgets.evolve.mutate import check_share
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.session import breed
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.gestures import gesture
from guidewidgets.session.jobs import Job
from guidewidgets.session.launch import LIMIT, Launcher
from guidewidgets.session.model import Model
from guidewidgets.session.parents import as_numbers, favourites
from guidewidgets.session.settings import Overrides, Settings
from guidewidgets.session.state import State


class Actions:
    """What makes candidates, over a state and an engine; see `Session`."""

    def __init__(self, model: Model, state: State, seed: int) -> None:
        self.seed = seed
        self._model = model
        self._state = state
        self._launch = Launcher(model, state, seed)

    @property
    def engine(self) -> Engine:
        """The engine; a session that was opened loads it now. Raises ValueError where nobody said where it is."""
        return self._model()

    @gesture
    def sample(
        self,
        n: int = 12,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Fresh random candidates.

        Args:
            n: how many, 1 to `limit`.
            seed: non-negative int; None draws one from the session's seed and the event's number.
            limit: refuse more than this; None for no limit.
            **overrides: settings for this job only.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
        """
        settings = self._settings(overrides)
        return self._launch(
            "sample", n, settings, seed, limit, lambda s: breed.sample(self.engine, settings, n, s)
        )

    @gesture
    def cross(
        self,
        parents: Sequence[int] | None = None,
        n: int = 12,
        cells: int | None = None,
        fresh: float | None = None,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Voronoi crossover: children that are mosaics of their parents' latents; see `evolve.voronoi_crossover`.

        Args:
            parents: candidate numbers; None: those starred in the generation on show, else in the newest with stars.
            n: how many children, 1 to `limit`.
            cells: Voronoi cells in each child; None is four per parent.
            fresh: share of the cells with new noise, in [0, 1]; None is 0.1.
            seed: see `sample`, as for `limit` and `overrides`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders = self._parents(parents)
        settings = self._settings(overrides | {"size": elders[0].genome.size})
        breed.cross(
            self.engine, settings, elders, 1, cells, fresh, 0
        )  # refuses bad arguments before anything is queued
        return self._launch(
            "cross",
            n,
            settings,
            seed,
            limit,
            lambda s: breed.cross(self.engine, settings, elders, n, cells, fresh, s),
        )

    @gesture
    def mutate(
        self,
        candidate: int,
        at: Sequence[tuple[float, float]] | Region | None = None,
        radius: float = 0.15,
        n: int = 8,
        lock: bool = False,  # noqa: FBT001, FBT002 - named in the public contract
        *,
        strength: float | None = None,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Variations of one candidate, with its own settings.

        Args:
            candidate: its number.
            at: spots (x, y) in [0, 1] to change, or a region; None varies the whole picture, child by child more.
            radius: of the spots, above 0 and at most 1, as a fraction of the picture's shorter side.
            n: how many children, 1 to `limit`.
            lock: keep the picture outside the spots. Without it, it changes a little everywhere.
            strength: in (0, 1], how much of the noise is new; None is all at the spots, and a ladder without spots.
            seed: see `sample`.
            limit: see `sample`.
            **overrides: settings for this job only.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        parent = self._state.find(candidate)
        region = (
            at if at is None or isinstance(at, Region) else Region.points(at, check_share("radius", radius))
        )
        if strength is not None:
            check_share("strength", strength)
        settings = Settings.of(parent.genome).changed(self.engine, **overrides | {"size": parent.genome.size})
        if lock and (
            region is None
            or (settings.steps, settings.sampler) != (parent.genome.steps, parent.genome.sampler)
        ):
            message = (
                f"lock=True: expected spots to change (at={at!r}) and the parent's own steps and sampler"
            )
            raise ValueError(message)
        mutation = breed.Mutation(region, strength, lock)
        return self._launch(
            "mutate",
            n,
            settings,
            seed,
            limit,
            lambda s: breed.mutate(self.engine, settings, parent, mutation, n, s),
        )

    @gesture
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
        parents = self._parents(list(picks))
        parts = [p if isinstance(p, Region) else tuple(p) for p in picks.values()]
        settings = self._settings(overrides | {"size": parents[0].genome.size})
        breed.recombine(
            self.engine, settings, parents, parts, 1, 0
        )  # refuses bad arguments before anything is queued
        return self._launch(
            "recombine",
            n,
            settings,
            seed,
            limit,
            lambda s: breed.recombine(self.engine, settings, parents, parts, n, s),
        )

    @gesture
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
        parents = self._parents(candidates)
        settings = self._settings(overrides | {"size": parents[0].genome.size})
        breed.blend(self.engine, settings, parents, 1, 0)  # refuses bad arguments before anything is queued
        return self._launch(
            "blend", n, settings, seed, limit, lambda s: breed.blend(self.engine, settings, parents, n, s)
        )

    @gesture
    def render(
        self,
        candidates: Sequence[int],
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """The same latents with the session's settings, or those given: what another prompt makes of this noise.

        Args:
            candidates: their numbers.
            seed: of the branches of an OR; see `sample`, as for `limit`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the candidates'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders = self._parents(candidates)
        settings = self._settings(overrides | {"size": elders[0].genome.size})
        return self._launch(
            "render",
            len(elders),
            settings,
            seed,
            limit,
            lambda s: breed.render(self.engine, settings, elders, s),
        )

    def _settings(self, overrides: Any) -> Settings:
        settings = self._state.settings.changed(self.engine, **overrides)
        if "prompt" in overrides:
            self._warn_of_words(settings.prompt)
        return settings

    def _parents(self, numbers: Sequence[int] | None) -> list[Candidate]:
        return (
            favourites(self._state.generations())
            if numbers is None
            else [self._state.find(i) for i in as_numbers(numbers)]
        )

    def _warn_of_words(self, prompt: Prompt) -> None:
        unknown = self.engine.unknown_words(prompt)
        if unknown:
            text = f"{self.engine.id} has never read: {', '.join(unknown)}; it will guess"
            self._state.notice("warning", text)
            if not self._state.watched:
                warnings.warn(text, stacklevel=3)
