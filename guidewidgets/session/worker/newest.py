"""Work that takes seconds, on a thread of its own: the newest request wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar, final

from guidewidgets import forks

T = TypeVar("T")


@final
class Newest(Generic[T]):
    """Works on a thread of its own; the newest request wins, and the thread ends with nothing left to do."""

    def __init__(self, name: str, found: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        self._name, self._found, self._failed = name, found, failed
        self._lock = forks.lock()
        self._request: Callable[[], T] | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being worked on."""
        with self._lock:
            return self._thread is not None

    def request(self, request: Callable[[], T]) -> None:
        """Do this next."""
        with self._lock:
            self._request = request
            if self._thread is None:
                self._thread = forks.worker(self._name, self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                request, self._request = self._request, None
                if request is None:
                    self._thread = None
                    return
            try:
                tell = partial(self._found, request())
            except Exception as error:  # noqa: BLE001 - whatever it is, `failed` is called with it
                tell = partial(self._failed, error)
            with self._lock:
                last = self._request is None
                if last:  # before the callback, which may read `busy`
                    self._thread = None
            tell()
            if last:
                return
