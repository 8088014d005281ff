"""Locks that survive `os.fork`: in the child they are free, whoever held them in the parent.

Only the forking thread lives on in the child. A lock that another thread held would be held there for ever, and what
it guarded might be half done; so might be what other libraries guard with locks of their own. So a fork waits for the
databases to rest, and a network that another thread was working with is out of use in the child, and says so.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Generator
from types import TracebackType
from typing import final
from weakref import WeakSet

PATIENCE = 2.0  # seconds that a fork waits for one database to rest
COOLING = 1.0  # seconds after which a thread that ended has let go of everything, other libraries' locks too

_registry = threading.RLock()
_gate = threading.RLock()  # held by who forks
_here = threading.local()
_plain: WeakSet[threading.Lock | threading.RLock] = WeakSet()
_guards: WeakSet[Guard] = WeakSet()
_rested: dict[Guard, bool] = {}
_at_once: list[Callable[[], object]] = []
_at_first: list[Callable[[], object]] = []
_unsettled = False
_working: set[int] = set()
_ended = float("-inf")


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


def in_child(
    at_once: Callable[[], object] | None = None, at_first: Callable[[], object] | None = None
) -> None:
    """Call these in every child of a fork from now on: at once, and before it first does something here."""
    if at_once is not None:
        _at_once.append(at_once)
    if at_first is not None:
        _at_first.append(at_first)


def settle() -> None:
    """Do what is to be done before a child first does something here."""
    global _unsettled  # noqa: PLW0603 - of the process
    if _unsettled:
        _unsettled = False
        for call in _at_first:
            call()


@contextlib.contextmanager
def at_work() -> Generator[None]:
    """This thread works with networks, now and then: a child that is forked off meanwhile cannot."""
    global _ended  # noqa: PLW0603 - of the process
    me = threading.get_ident()
    _working.add(me)
    try:
        yield
    finally:
        _ended = time.monotonic()
        _working.discard(me)


def worker(name: str, work: Callable[[], object]) -> threading.Thread:
    """A thread that works with networks, begun; it does not keep the process alive."""

    def run() -> None:
        with at_work():
            work()

    thread = threading.Thread(target=run, name=f"guidewidgets-{name}", daemon=True)
    thread.start()
    return thread


@final
class Guard:
    """A re-entrant lock around work that must not be forked in the middle."""

    def __init__(self, what: str, *, patient: bool) -> None:
        """Make a free one.

        Args:
            what: names it where a child is refused.
            patient: a fork waits for it; otherwise it is out of use in the child of a fork that came in between.
        """
        self.what, self.patient = what, patient
        self._lock = threading.RLock()
        self._torn = False
        self._last = 0, float("-inf")  # who let go of it, and when
        with _registry:
            _guards.add(self)

    def __enter__(self) -> None:
        settle()
        if self._torn:
            raise RuntimeError(
                f"{self.what} was at work when this process was forked off, and cannot be used in it: "
                "fork when no job runs, or start the process by 'spawn'"
            )
        depth = getattr(_here, "depth", 0)
        if not depth:  # a fork that waits goes first, or busy threads would never let it in
            with _gate:
                pass
        self._lock.acquire()
        _here.depth = depth + 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.depth -= 1
        self._last = threading.get_ident(), time.monotonic()
        self._lock.release()

    def rest(self) -> bool:
        """Before a fork: take it; whether that was possible."""
        return self._lock.acquire(timeout=PATIENCE) if self.patient else self._lock.acquire(blocking=False)

    def cold(self) -> bool:
        """Whether nobody but this thread has worked with it just now."""
        who, when = self._last
        return who == threading.get_ident() or time.monotonic() - when > COOLING

    def go_on(self, *, held: bool) -> None:
        """After a fork: let go of it."""
        if held:
            self._lock.release()

    def tear(self) -> None:
        """Put it out of use, in the child of a fork."""
        self._torn = True


def _before() -> None:
    _gate.acquire()
    with _registry:
        guards = sorted(_guards, key=lambda guard: (guard.patient, id(guard)))
    for guard in guards:  # a database's is never held by who waits for a network's
        _rested[guard] = guard.rest()
    _registry.acquire()


def _after_in_parent() -> None:
    for guard, held in _rested.items():
        guard.go_on(held=held)
    _rested.clear()
    _registry.release()
    _gate.release()


def _after_in_child() -> None:
    global _unsettled  # noqa: PLW0603 - of the process
    _unsettled = True
    cold = _working <= {threading.get_ident()} and time.monotonic() - _ended > COOLING
    for guard, held in _rested.items():
        if not (held and (guard.patient or (cold and guard.cold()))):
            guard.tear()
    _after_in_parent()
    _working.clear()
    for held in _plain:  # as the standard library does with its own
        held._at_fork_reinit()  # type: ignore[attr-defined]  # noqa: SLF001
    for call in _at_once:
        call()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
