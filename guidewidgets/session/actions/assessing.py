"""What people say of the pictures of a session, what that told, and what the model measures of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from guidewidgets.engine.check import check_number
from guidewidgets.evaluate.leverage import Leverage
from guidewidgets.preference.choice import MOST
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.actions.leverage import leverage
from guidewidgets.session.actions.verify import summary, verifiable, verify
from guidewidgets.session.history import Chosen
from guidewidgets.session.marks import as_note, as_tags, noted, rejected, starred, unmarked
from guidewidgets.session.preference.dataset import PreferenceReport
from guidewidgets.session.selection import Spots, one_by_one, spots
from guidewidgets.session.worker.newest import Newest
from guidewidgets.settings import Overrides

if TYPE_CHECKING:
    from guidewidgets.session.opening import Opened

Lifts = dict[int, dict[str, float]]


class Assessing(Actions):
    """Marks of candidates, each an undoable event; and measurements, which make no candidates. See `Session`."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._verifier: Newest[Lifts] = Newest("verifier", self._told, self._not_verified)

    def star(self, *candidates: int | Sequence[int], at: Spots | None = None) -> None:
        """Mark favourites, as a whole or for spots that `cross` then cuts along.

        Args:
            *candidates: their numbers, one by one or in lists and arrays.
            at: a spot (x, y) in [0, 1] that is liked of each, or several; None leaves those it was starred for before.

        Raises:
            IndexError, TypeError, ValueError: an unknown number, or a spot outside; nothing is marked then.
        """
        places = None if at is None else spots(at)
        self._state.mark(one_by_one(candidates), lambda marks: starred(marks, places))

    def reject(self, *candidates: int | Sequence[int]) -> None:
        """Mark as disliked. Raises as `star`."""
        self._state.mark(one_by_one(candidates), rejected)

    def unmark(self, *candidates: int | Sequence[int]) -> None:
        """Clear star or rejection. Raises as `star`."""
        self._state.mark(one_by_one(candidates), unmarked)

    def note(
        self,
        candidates: int | Sequence[int],
        text: str | None = None,
        *,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Write a note about candidates, and file them under tags: `s.note(4, "such ears", tags=["keep"])`.

        Args:
            candidates: a number, or several.
            text: at most 500 characters; "" takes the note away, None leaves it.
            tags: all that it is to have, at most 10 of 30 characters, without commas; [] takes them away, None leaves
                them.

        Raises:
            IndexError, TypeError, ValueError: an unknown number, or a text or a tag of another kind; nothing is noted
                then.
        """
        if text is None and tags is None:
            raise ValueError("nothing to note: expected a text, tags=[…], or both")
        words = None if text is None else as_note(text)
        filed = None if tags is None else as_tags(tags)
        self._state.mark(one_by_one([candidates]), lambda marks: noted(marks, words, filed))

    def prefer(self, better: int | None, over: int | Sequence[int]) -> None:
        """Say which of two to nine candidates is the best, or that you can't tell; undoable as any mark.

            s.prefer(4, over=7)
            s.prefer(4, over=[5, 6, 7])
            s.prefer(None, over=[4, 5, 6, 7])

        Args:
            better: its number; None: it cannot be told which of the others is the best.
            over: the others' numbers.

        Raises:
            IndexError, TypeError: an unknown number.
            ValueError: two of them are the same picture, or they are too few or too many.
        """
        others = tuple(self[number] for number in one_by_one([over]))
        chosen = Chosen(None if better is None else self[better], others)
        if not 2 <= len(chosen.shown) <= MOST:
            raise ValueError(f"{len(chosen.shown)} candidates to choose from: expected 2 to {MOST}")
        first: dict[str, int] = {}
        for place, one in enumerate(chosen.shown):
            if first.setdefault(one.hash, place) != place:
                twin = chosen.shown[first[one.hash]]
                raise ValueError(
                    f"candidates {twin.id} and {one.id} are the same picture: expected different ones"
                )
        self._state.push(chosen)

    def question(self, n: int = 4) -> tuple[int, ...]:
        """Candidates of which a choice would teach most now; `prefer` takes the answer.

            four = s.question()
            s.prefer(four[0], over=four[1:])

        Args:
            n: how many, 2 to 9; fewer where there are no more, or all that many were asked about.

        Returns:
            Their numbers, the most liked first; none before anything was starred, rejected or preferred.

        Raises:
            ValueError, TypeError: `n` is out of range, or the session was opened without its model.
        """
        return self._learner.question(self.engine, check_number("n", n, 2, MOST))

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
        return leverage(self.engine, self._settings(overrides), n, seed)

    def verify(self, candidates: int | Sequence[int] | None = None, *, wait: bool = True) -> Lifts:
        """What finished pictures hold of their prompts, by the model's own account: `guide.lift` of each concept.

            s.verify([4, 7])             # {4: {"a fox": 0.031, "an owl": -0.002}, 7: …}
            s[4].holds                   # the same from then on, while the session is open

        Above 0: likelier with the concept than without. Read it as an order of pictures, not as a verdict on one; see
        the calibration in `docs/methods/lift.md`.

        Costs 6 calls of the network for each concept and 6 more, of each picture: of a prompt of two concepts as much
        as 6 steps of painting it. "NOT c" has the lift of c with its sign turned: above 0, likelier without. Pictures
        that are hidden or of an empty prompt are left out.

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

    def _told(self, found: Lifts) -> None:
        if line := summary(list(found.values())):
            self._state.notice("info", line, about=self._state.settings)

    def _not_verified(self, error: Exception) -> None:
        self._state.notice("error", f"what the pictures hold could not be measured: {error}")
