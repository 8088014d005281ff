"""What a session has learned of its user's preferences: features of images, the newest report, what to ask next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from guidewidgets import forks
from guidewidgets.engine import Engine
from guidewidgets.preference.acquisition import ask
from guidewidgets.preference.gp import Preference
from guidewidgets.session.preference.dataset import PreferenceDataset, PreferenceReport, opinion
from guidewidgets.session.preference.features import FeatureCache, Vector, name_of, stacked
from guidewidgets.session.state import State

ASKED = 24
"""Most liked images among which the next question is looked for."""


@dataclass(frozen=True, slots=True)
class _Thought:
    """What was made of a dataset."""

    dataset: PreferenceDataset
    features: dict[str, Vector]
    report: PreferenceReport
    taste: Preference | None


@final
class PreferenceLearner:
    """Learns from the stars, rejections and choices in force; safe on any thread.

    Attributes:
        cache: features of images, kept with the session.
    """

    def __init__(self, state: State) -> None:
        self.cache = FeatureCache(state.journal)
        self._state = state
        self._lock = forks.lock()
        self._newest: _Thought | None = None

    def report(self, engine: Engine) -> PreferenceReport:
        """What is liked and how far that can be trusted; computed once for each dataset, in a second or so."""
        return self._think(engine).report

    def question(self, engine: Engine, n: int) -> tuple[int, ...]:
        """Numbers of the images of which a choice teaches most; see `preference.ask`. None before anything is known."""
        thought = self._think(engine)
        if thought.taste is None:
            return ()
        hashes = {c.id: c.hash for c in thought.dataset.candidates}
        numbers = [number for number, *_ in thought.report.ranking[:ASKED]]
        place = {hashes[number]: i for i, number in enumerate(numbers)}
        told = [frozenset(place.get(name, -1) for name in c.items) for c in thought.dataset.chosen]
        seen = stacked(thought.features, [hashes[number] for number in numbers])
        return tuple(numbers[i] for i in ask(thought.taste, seen, n, told))

    def _think(self, engine: Engine) -> _Thought:
        with self._lock:
            dataset = PreferenceDataset.of(self._state)
            if self._newest is None or self._newest.dataset != dataset:
                found = self.cache.of(engine, dataset.candidates)
                self._newest = _Thought(dataset, found, *opinion(dataset, found, name_of(engine)))
            return self._newest
