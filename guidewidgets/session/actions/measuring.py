"""What a session measures when it is asked to: how far noise moves its pictures, and what these hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from guidewidgets.evaluate.leverage import Leverage
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.actions.leverage import leverage
from guidewidgets.session.actions.verify import verifiable, verify
from guidewidgets.session.selection import one_by_one
from guidewidgets.session.worker.newest import Newest
from guidewidgets.settings import Overrides

if TYPE_CHECKING:
    from guidewidgets.session.opening import Opened

Lifts = dict[int, dict[str, float]]


class Measuring(Actions):
    """Measurements that make no candidates; see `Session`."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._verifier: Newest[Lifts] = Newest("verifier", lambda _: None, self._not_verified)

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
        return leverage(self.engine, self._settings(overrides), n, seed)

    def verify(self, candidates: int | Sequence[int] | None = None, *, wait: bool = True) -> Lifts:
        """What finished pictures hold of their prompts, by the model's own account: `guide.lift` of each concept.

            s.verify([4, 7])             # {4: {"a fox": 0.031, "an owl": -0.002}, 7: …}
            s[4].holds                   # the same from then on, while the session is open

        Above 0: likelier with the concept than without. Read it as an order of pictures, not as a verdict on one; see
        the calibration in `docs/methods/lift.md`.

        Costs 4 calls of the network for each concept and 4 more, of each picture: of a prompt of two concepts as much
        as 4 steps of painting it. Negated concepts, and pictures that are hidden or of an empty prompt, are left out.

        Args:
            candidates: a number, or several; None: those of the newest generation.
            wait: until it is measured; else {} is returned at once, and views are told when it is.

        Raises:
            IndexError, TypeError: an unknown number.
            ValueError: a candidate of another model.
        """
        if candidates is None:
            found = list(self.history[-1]) if self.history else []
        else:
            found = [self[number] for number in one_by_one([candidates])]
        engine = self.engine
        asked = verifiable(engine, found)

        def measure() -> Lifts:
            for one, lifts in verify(engine, asked):
                one.verified(lifts)
            self._state.changed()
            return {one.id: one.holds for one in asked}

        if wait:
            return measure()
        self._verifier.request(measure)
        return {}

    def _not_verified(self, error: Exception) -> None:
        self._state.notice("error", f"what the pictures hold could not be measured: {error}")
