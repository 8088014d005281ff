"""Warnings that come up in the middle of work: heard by whoever runs it, else Python's own."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager

_here = threading.local()


def caution(text: str) -> None:
    """Warn whoever waits for the work of this thread; where nobody does, as `warnings.warn` at the caller's caller.

    `warnings` alone would not do: it tells of every place once only, and nobody sees what a worker's thread prints.
    """
    listener: Callable[[str], object] | None = getattr(_here, "listener", None)
    if listener is None:
        warnings.warn(text, stacklevel=3)
    else:
        listener(text)


@contextmanager
def heard(listener: Callable[[str], object] | None) -> Generator[None]:
    """Tell `listener` of the cautions of this thread; None leaves them to Python."""
    before = getattr(_here, "listener", None)
    _here.listener = listener
    try:
        yield
    finally:
        _here.listener = before
