"""What people say of the pictures of a session: stars, rejections, notes, tags, the best of some; and what it told."""

from __future__ import annotations

from collections.abc import Sequence

from guidewidgets.preference.choice import MOST
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.history import Chosen
from guidewidgets.session.marks import as_note, as_tags, noted, rejected, starred, unmarked
from guidewidgets.session.preference.dataset import PreferenceReport
from guidewidgets.session.selection import Spots, one_by_one, spots


class Marking(Actions):
    """Marks of a session's candidates, each an undoable event, and what they told; see `Session`."""

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
        """Say which of two to six candidates is the best, or that you can't tell; undoable as any mark.

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

    def opinion(self) -> PreferenceReport:
        """What the session thinks you like, how sure it is, and how well it foretold your stars. Takes a second or so.

        Raises:
            ValueError: the session was opened without its model.
        """
        return self._learner.report(self.engine)
