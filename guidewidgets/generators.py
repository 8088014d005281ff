"""Work that is written to be left between its steps, done without a pause."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any, TypeVar

T = TypeVar("T")


def returned(steps: Generator[Any, None, T]) -> T:
    """What a generator returns when it is run to its end; what it yields is dropped."""
    with closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
