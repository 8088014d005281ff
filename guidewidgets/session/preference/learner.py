"""What a session has learned of its user's preferences: features of images, and the newest report."""

from __future__ import annotations

from typing import final

from guidewidgets import forks
from guidewidgets.engine import Engine
from guidewidgets.session.preference.dataset import PreferenceDataset, PreferenceReport, opinion
from guidewidgets.session.preference.features import FeatureCache, name_of
from guidewidgets.session.state import State


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
        self._newest: tuple[PreferenceDataset, PreferenceReport] | None = None

    def report(self, engine: Engine) -> PreferenceReport:
        """What is liked and how far that can be trusted; computed once for each dataset, in a second or so."""
        with self._lock:
            dataset = PreferenceDataset.of(self._state)
            if self._newest is None or self._newest[0] != dataset:
                found = self.cache.of(engine, dataset.candidates)
                self._newest = dataset, opinion(dataset, found, name_of(engine))
            return self._newest[1]
