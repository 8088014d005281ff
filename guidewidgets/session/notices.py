"""The newest few lines for the user, and when each of them goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import final

from guidewidgets.session.events import Notice
from guidewidgets.settings import RenderSettings

KEPT = 5


@final
class Notices:
    """Of one session, oldest first; see `Notice`. Its owner holds the lock."""

    def __init__(self) -> None:
        self._all: deque[Notice] = deque(maxlen=KEPT)

    def add(self, notice: Notice) -> None:
        """Add one; where its text is there already, it takes that one's place and counts how often it came."""
        same = [n for n in self._all if (n.level, n.text) == (notice.level, notice.text)]
        self._keep(n for n in self._all if n not in same)
        self._all.append(replace(notice, times=1 + sum(n.times for n in same)))

    def follow(self, texts: Collection[str], settings: RenderSettings) -> None:
        """Lines about settings that hold for these, too, are about these from now on; the rest of such lines goes."""
        kept = (n for n in self._all if n.text in texts or isinstance(n.about, int | None))
        self._keep(replace(n, about=settings) if n.text in texts else n for n in kept)

    def end(self, working: Collection[int]) -> None:
        """Lines about jobs go, but for those about jobs that are not over."""
        self._keep(n for n in self._all if not isinstance(n.about, int) or n.about in working)

    def about(self, settings: RenderSettings) -> tuple[Notice, ...]:
        """What is to be shown while these settings are in force."""
        return tuple(n for n in self._all if isinstance(n.about, int | None) or n.about == settings)

    def _keep(self, notices: Iterable[Notice]) -> None:
        self._all = deque(list(notices), KEPT)
