"""Observers of a session's events."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import final

from guidewidgets import forks
from guidewidgets.session.events import Event, Listener

log = logging.getLogger(__name__)


@final
class Listeners:
    """Listeners that come and go on any thread."""

    def __init__(self) -> None:
        self._lock = forks.lock()
        self._all: list[Listener] = []

    def __len__(self) -> int:
        return len(self._all)

    def add(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every event until the returned function is called."""
        with self._lock:
            self._all.append(listener)

        def remove() -> None:
            with self._lock:
                if listener in self._all:
                    self._all.remove(listener)

        return remove

    def tell(self, event: Event) -> None:
        """Tell all; one that fails is logged, and harms neither the others nor the worker."""
        for listener in tuple(self._all):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)
