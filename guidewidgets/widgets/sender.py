"""One thread per widget that does all the sending: whoever has news only notes it and goes on.

Listeners and message handlers are called on unpredictable threads, some of them the worker's; traits of a
widget may only be written from one. So everything is noted under one lock, and this thread turns the notes
into messages, in the order: state, answers, what answers are made of, a frame when one may leave, and traits when all
that is done. Where no page has ever answered, as when a notebook is executed to be saved, traits come before frames.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from guidewidgets.widgets.flow import Flow

log = logging.getLogger(__name__)

MOST_WAITING = 16
"""Deferred requests that wait at once; a page asks for a few."""


class Outlet(Protocol):
    """What the sender sends through; all its methods are called on the sender's thread only."""

    def tell_snapshot(self) -> None:
        """Everything a page that has just opened needs."""
        ...

    def tell_state(self) -> None:
        """The state without pictures."""
        ...

    def tell_frame(self, seq: int, slots: Mapping[int, bool]) -> None:
        """The newest pictures of some tiles; true: even if they were sent before."""
        ...

    def tell_traits(self) -> None:
        """What is to survive the page and the kernel."""
        ...


class Sender:
    """Notes news, and sends it in its own time."""

    def __init__(self, outlet: Outlet, clock: Callable[[], float] = time.monotonic) -> None:
        self.flow = Flow()
        self._outlet = outlet
        self._clock = clock
        self._news = threading.Condition()
        self._hello = False
        self._state = False
        self._traits = False
        self._page = False  # a page has opened at least once
        self._tasks: deque[Callable[[], None]] = deque()
        self._deferred: deque[Callable[[], None]] = deque()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="guidewidgets-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def close(self) -> None:
        """Stop after what is being sent. Safe on any thread, the sender's own too."""
        with self._news:
            self._over = True
            self._news.notify()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout=2)

    def hello(self) -> None:
        """A page has opened."""
        with self._news:
            self._hello = self._page = True
            self.flow.restart()
            self._news.notify()

    def state(self) -> None:
        """The state has changed."""
        with self._news:
            self._state = True
            self._news.notify()

    def frame(self, slots: tuple[int, ...]) -> None:
        """These tiles have new pictures, or the progress is new."""
        with self._news:
            self.flow.mark(slots)
            self._news.notify()

    def ack(self, seq: int) -> None:
        """The page has painted a frame."""
        with self._news:
            self.flow.ack(seq)
            self._news.notify()

    def task(self, task: Callable[[], None]) -> None:
        """Send an answer."""
        with self._news:
            self._tasks.append(task)
            self._news.notify()

    def defer(self, work: Callable[[], None]) -> bool:
        """Do what takes milliseconds, like an encoding, on the sender's thread.

        Returns:
            Whether it will be done; not where so many wait that nobody looks at what comes of them.
        """
        with self._news:
            if len(self._deferred) >= MOST_WAITING:
                return False
            self._deferred.append(work)
            self._news.notify()
            return True

    def due(self) -> float | None:
        """Seconds until something may leave; 0: now; None: not before there is news."""
        if self._hello or self._state or self._tasks or self._deferred:
            return 0.0
        return 0.0 if self._traits_due() else self.flow.wait(self._clock())

    def _traits_due(self) -> bool:
        return self._traits and (not self._page or self.flow.wait(self._clock()) is None)

    def pump(self) -> bool:
        """Send one thing if something may leave; says whether there was one."""
        with self._news:
            if self.due() != 0:
                return False
            send = self._next()
        try:
            send()
        except Exception:  # whatever it was, the next thing may work
            log.exception("a message to the page could not be made")
        return True

    def _next(self) -> Callable[[], None]:
        if self._hello:
            self._hello = self._state = False
            self._traits = True
            return self._outlet.tell_snapshot
        if self._state:
            self._state = False
            self._traits = True
            return self._outlet.tell_state
        if self._tasks:
            return self._tasks.popleft()
        if self._deferred:
            return self._deferred.popleft()
        if self._traits_due():
            self._traits = False
            return self._outlet.tell_traits
        seq, slots = self.flow.send(self._clock())
        return lambda: self._outlet.tell_frame(seq, slots)

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._over and (wait := self.due()) != 0:
                    self._news.wait(wait)
                if self._over:
                    return
            self.pump()
