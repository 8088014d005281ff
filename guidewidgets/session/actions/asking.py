"""What a session finds out for those who ask: doubts about its settings, what it learned of them, what moves a picture.

Nothing here changes the session, and nothing makes a candidate.
"""

from __future__ import annotations

from typing import Unpack

from guidewidgets.engine.advice import doubts
from guidewidgets.engine.check import check_number
from guidewidgets.evaluate.leverage import MOST_IMAGES, Leverage, measure
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.operators.sample import Sample
from guidewidgets.session.preference.dataset import PreferenceReport
from guidewidgets.settings import Overrides


class Asking(Actions):
    """Questions that a session answers; see `Session`."""

    def doubts(self) -> list[str]:
        """What the settings will probably not do as expected, one line each: a NOT too heavy, a model without ∅."""
        return doubts(self.engine, self._state.settings)

    def opinion(self) -> PreferenceReport:
        """What the session thinks you like, how sure it is, and how well it foretold your stars. Takes a second or so.

        Raises:
            ValueError: the session was opened without its model.
        """
        return self._learner.report(self.engine)

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
        settings = self._settings(overrides)
        n, seed = check_number("n", n, 1), check_number("seed", seed, 0)
        if n > MOST_IMAGES:
            raise ValueError(f"n={n}: expected 1 to {MOST_IMAGES} pictures to measure on")
        made = Sample(n).fresh(self.engine, settings, seed, n)
        steps = measure(self.engine, [genome for genome, _ in made], seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
