"""The actions that learn what is liked: choices, suggestions, an opinion to look at."""

from __future__ import annotations

import functools
import threading
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Unpack

import numpy as np

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evaluate.leverage import Leverage, measure
from guidewidgets.evolve.mutate import check_share
from guidewidgets.genome import Genome, Recipe
from guidewidgets.preference.acquisition import BLIND, choose
from guidewidgets.session.actions import operators
from guidewidgets.session.actions.crossover import Crossing
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.history import Chosen
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import OffspringSteps
from guidewidgets.session.preference.dataset import PreferenceDataset, PreferenceReport, learn, opinion
from guidewidgets.session.preference.features import FeatureCache, Vector, features, name_of
from guidewidgets.session.recording.calls import recorded
from guidewidgets.session.selection import clicked
from guidewidgets.session.settings import Overrides, Settings
from guidewidgets.session.worker.launcher import LIMIT
from guidewidgets.session.worker.render import TOGETHER

POOL = 4  # children begun for each that is finished
MOST_MEASURED = 16
STRIDES = 5  # of a child that is only to be judged; sketches then correlate 0.87 with pictures
UNSURE = "not used yet: it foretells your stars no better than chance"


class Tasting(Crossing):
    """What learns from stars, rejections and choices; see `Session`."""

    def prefer(self, better: int, over: int) -> None:
        """Say of two candidates which is the better one; undoable as any mark.

        Args:
            better: its number.
            over: the other's number.

        Raises:
            IndexError, TypeError: an unknown number.
            ValueError: both are the same.
        """
        pair = self._state.find(better), self._state.find(over)
        if pair[0].hash == pair[1].hash:
            message = f"candidates {better} and {over} are the same picture: expected two different ones"
            raise ValueError(message)
        self._state.push(Chosen(*pair))

    def opinion(self) -> PreferenceReport:
        """What the session thinks you like, how sure it is, and how well it foretold your stars. Takes a second or so.

        Raises:
            ValueError: the session was opened without its model.
        """
        with self._thinking:
            memory = PreferenceDataset.of(self._state)
            if self._thought is None or self._thought[0] != memory:
                found = self._looks.of(self.engine, memory.candidates)
                self._thought = memory, opinion(memory, found, name_of(self.engine))
            return self._thought[1]

    def leverage(self, n: int = 2, *, seed: int = 0, **overrides: Unpack[Overrides]) -> Leverage:
        """How far pictures of this prompt move when their noise, their embedding or an early step moves.

        Takes four renderings of n pictures, on the caller's thread; where the noise turns out weak,
        `s.sample(embedding=0.3)` lets the embedding vary too.

        Args:
            n: pictures to measure on, 1 to 16.
            seed: of the pictures and of what moves them.
            **overrides: settings to measure with, in place of the session's.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
        """
        for measured in self._measuring(n, seed, overrides):
            if measured is not None:
                return measured
        raise AssertionError  # the last thing it yields is the result

    def _measuring(self, n: int, seed: int, overrides: Any) -> Iterator[Leverage | None]:
        settings = self._settings(overrides)
        if not 1 <= check_number("n", n, 1) <= MOST_MEASURED:
            message = f"n={n}: expected 1 to {MOST_MEASURED} pictures to measure on"
            raise ValueError(message)
        brood = operators.sample(self.engine, settings, n, check_number("seed", seed, 0))
        steps = measure(self.engine, [genome for genome, _ in brood], seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                yield end.value
                return
            yield None

    @recorded
    def suggest(
        self,
        n: int = 12,
        parents: Sequence[int] | None = None,
        *,
        pool: int = POOL,
        blind: float = BLIND,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Children of the favourites that the session thinks you will star.

        More children are begun than finished: sketches of a few steps are judged by what was learned from stars,
        rejections and choices, and those of the largest expected improvement that differ from each other are finished.
        A share is drawn blindly, so that the taste goes on being tested. As long as it foretells stars no better than
        chance, all are drawn blindly, and a notice says so.

        Args:
            n: how many, 1 to `limit`.
            parents: see `cross`.
            pool: children begun for each one finished, at least 1.
            blind: share of the n drawn blindly, in (0, 1].
            seed: see `sample`, as for `limit` and `overrides`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders, settings = self._family(parents, overrides)
        times, share = check_number("pool", pool, 1), check_share("blind", blind)
        cut = operators.Cut(sites=clicked(elders))
        # Bad arguments are refused before anything is queued.
        operators.cross(self.engine, settings, elders, 1, cut, 0)
        memory = PreferenceDataset.of(self._state)
        return self._launch(
            "suggest",
            n,
            settings,
            seed,
            limit,
            lambda s: self._chosen(settings, elders, cut, memory, (n, n * times, share), s),
        )

    def _chosen(
        self,
        settings: Settings,
        elders: Sequence[Candidate],
        cut: operators.Cut,
        memory: PreferenceDataset,
        counts: tuple[int, int, float],
        seed: int,
    ) -> OffspringSteps:
        engine, (n, many, blind) = self.engine, counts
        known = self._looks.of(engine, memory.candidates)
        taste, used, _ = learn(memory, known)
        yield
        if taste is None or not used:
            self._state.notice("info", f"Your taste is {UNSURE}; these are drawn blindly.")
            return [
                _told(one, guided=False) for one in operators.cross(engine, settings, elders, n, cut, seed)
            ]
        begun = operators.cross(engine, settings, elders, many, cut, seed)
        seen = yield from _sketched(engine, [genome for genome, _ in begun])
        indices, guided = choose(taste, seen, n, seed, blind)
        return [_told(begun[i], guided=bool(by)) for i, by in zip(indices, guided, strict=True)]

    @functools.cached_property
    def _looks(self) -> FeatureCache:
        return FeatureCache(self._state.journal)

    @functools.cached_property
    def _thinking(self) -> threading.Lock:
        return threading.Lock()

    _thought: tuple[PreferenceDataset, PreferenceReport] | None = None


def _sketched(engine: Engine, genomes: Sequence[Genome]) -> Generator[None, None, Vector]:
    """Features of what genomes become in a few strides, (n, D); yields after every one."""
    rows: list[Vector] = []
    cheap = [g.replace(anchor=None) for g in genomes]
    for first in range(0, len(cheap), TOGETHER):
        last = None
        for step in engine.sample(cheap[first : first + TOGETHER], strides=STRIDES):
            last = step
            yield
        assert last is not None  # noqa: S101 - there is at least one step
        rows += features(engine, engine.decode(last.x))
    return np.stack(rows)


def _told(one: tuple[Genome, Recipe], *, guided: bool) -> tuple[Genome, Recipe]:
    """The same under the name of this operator, saying whether the taste chose it."""
    genome, recipe = one
    parameters = {**recipe.parameters, "guided": guided}
    return genome, Recipe("suggest", parameters, recipe.seed, recipe.parents, recipe.parent_ids)
