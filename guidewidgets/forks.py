"""Locks that survive `os.fork`: in the child they are free, whoever held them in the parent.

Only the forking thread lives on in the child. A lock that another thread held would be held there for ever, and what
it guarded might be half done. So a fork waits a moment until guarded work rests; what did not rest is out of use in
the child, and says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import final
from weakref import WeakSet

PATIENCE = 2.0  # seconds that a fork waits for one kind of work to rest

_registry = threading.RLock()
_gate = threading.RLock()  # held by who forks
_here = threading.local()
_plain: WeakSet[threading.Lock | threading.RLock] = WeakSet()
_guards: WeakSet[Guard] = WeakSet()
_rested: dict[Guard, bool] = {}
_clearing: list[Callable[[], object]] = []


def lock() -> threading.Lock:
    """A lock that is free in the child of a fork; for what is consistent at every moment."""
    made = threading.Lock()
    with _registry:
        _plain.add(made)
    return made


def rlock() -> threading.RLock:
    """As `lock`, re-entrant."""
    made = threading.RLock()
    with _registry:
        _plain.add(made)
    return made


def in_child(clear: Callable[[], object]) -> None:
    """Call this in every child of a fork from now on."""
    _clearing.append(clear)


@final
class Guard:
    """A re-entrant lock around work that must not be forked in the middle, such as that of a network or a database."""

    def __init__(self, what: str, rank: int, begin_in_child: Callable[[], object] | None = None) -> None:
        """Make a free one.

        Args:
            what: names it where a child is refused.
            rank: one of a lower rank is never taken while one of a higher is held.
            begin_in_child: called in the child of a fork before the work is first done there.
        """
        self.what, self.rank = what, rank
        self._lock = threading.RLock()
        self._begin_in_child = begin_in_child
        self._torn = self._new_here = False
        with _registry:
            _guards.add(self)

    def __enter__(self) -> None:
        if self._torn:
            message = (
                f"{self.what} was at work when this process was forked off, and cannot be used in it: "
                "fork when no job runs, or start the process by 'spawn'"
            )
            raise RuntimeError(message)
        depth = getattr(_here, "depth", 0)
        if not depth:  # a fork that waits goes first, or a busy worker would never let it in
            with _gate:
                pass
        self._lock.acquire()
        _here.depth = depth + 1
        if self._new_here and self._begin_in_child is not None:
            self._begin_in_child()
        self._new_here = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.depth -= 1
        self._lock.release()

    def rest(self) -> bool:
        """Before a fork: wait until it is free, and hold it; whether it is."""
        return self._lock.acquire(timeout=PATIENCE)

    def go_on(self, *, rested: bool, child: bool) -> None:
        """After a fork."""
        if rested:
            self._lock.release()
        if child:
            self._new_here = True
            self._torn |= not rested


def _before() -> None:
    _gate.acquire()
    with _registry:
        guards = sorted(_guards, key=lambda guard: (guard.rank, id(guard)))
    for guard in guards:
        _rested[guard] = guard.rest()
    _registry.acquire()


def _after(*, child: bool = False) -> None:
    for guard, rested in _rested.items():
        guard.go_on(rested=rested, child=child)
    _rested.clear()
    if child:
        for held in _plain:  # as the standard library does with its own
            held._at_fork_reinit()  # type: ignore[attr-defined]  # noqa: SLF001
        for clear in _clearing:
            clear()
    _registry.release()
    _gate.release()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=lambda: _after(child=True))
