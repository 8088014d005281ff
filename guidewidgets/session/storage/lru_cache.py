"""An LRU cache with bounds on count and bytes: pictures and genomes used last stay in memory, others on the disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar, final

from guidewidgets import forks

Value = TypeVar("Value")


@final
class LruCache(Generic[Value]):
    """Values by number; the least recently used is evicted first. Safe on any thread."""

    def __init__(
        self, fetch: Callable[[int], Value], size_of: Callable[[Value], int], count: int, size: int
    ) -> None:
        """Begin empty.

        Args:
            fetch: reads a value that is not cached; called without a lock held.
            size_of: bytes of a value.
            count: values it holds at most.
            size: bytes it holds at most; one value is always kept, however large.
        """
        self._fetch, self._size_of = fetch, size_of
        self._count, self._size = count, size
        self._values: OrderedDict[int, tuple[Value, int]] = OrderedDict()
        self._sum = 0
        self._lock = forks.lock()

    def put(self, number: int, value: Value) -> None:
        """Cache a value."""
        size = self._size_of(value)
        with self._lock:
            _, old = self._values.pop(number, (value, 0))
            self._values[number] = (value, size)
            self._sum += size - old
            while len(self._values) > 1 and (len(self._values) > self._count or self._sum > self._size):
                _, (_, evicted) = self._values.popitem(last=False)
                self._sum -= evicted

    def get(self, number: int) -> Value:
        """The value, fetched where it is not cached; raises as `fetch`."""
        with self._lock:
            if number in self._values:
                self._values.move_to_end(number)
                return self._values[number][0]
        value = self._fetch(number)
        self.put(number, value)
        return value
