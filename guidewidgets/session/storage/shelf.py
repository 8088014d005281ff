"""The shelf: the newest used pictures and genomes stay in memory, the others wait on the disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar, final

from guidewidgets import forks

Thing = TypeVar("Thing")


@final
class Shelf(Generic[Thing]):
    """A bounded number of things by number, the least recently used of which leaves first. Safe on any thread."""

    def __init__(
        self, fetch: Callable[[int], Thing], weigh: Callable[[Thing], int], count: int, weight: int
    ) -> None:
        """Make an empty shelf.

        Args:
            fetch: reads a thing that is not here; called without a lock held.
            weigh: bytes of a thing.
            count: how many it holds.
            weight: bytes it holds; one thing is always kept, however heavy.
        """
        self._fetch, self._weigh = fetch, weigh
        self._count, self._weight = count, weight
        self._things: OrderedDict[int, tuple[Thing, int]] = OrderedDict()
        self._sum = 0
        self._lock = forks.lock()

    def put(self, number: int, thing: Thing) -> None:
        """Keep a thing for now."""
        weight = self._weigh(thing)
        with self._lock:
            _, old = self._things.pop(number, (thing, 0))
            self._things[number] = (thing, weight)
            self._sum += weight - old
            while len(self._things) > 1 and (len(self._things) > self._count or self._sum > self._weight):
                _, (_, gone) = self._things.popitem(last=False)
                self._sum -= gone

    def get(self, number: int) -> Thing:
        """The thing, read from the disk where it is not here; whatever `fetch` raises."""
        with self._lock:
            if number in self._things:
                self._things.move_to_end(number)
                return self._things[number][0]
        thing = self._fetch(number)
        self.put(number, thing)
        return thing
