"""One worker, as its pool sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

from guidewidgets.engine.workers.messages import Hold, Ready
from guidewidgets.engine.workers.run import Chunk
from guidewidgets.engine.workers.spawned import Heard, Lost, Transport

HANGS = 6.0  # seconds without a sign of life, of which there is one a second
LOADS = 300.0  # the same before it is ready: importing and reading may hold everything up
VAIN = 3  # workers of one place that died in a row without a picture, after which it is given up
GIB = 1 << 30


@final
class Link:
    """A place in a pool, and the worker that has it now; the pool's lock guards it.

    Attributes:
        number: in the pool.
        device: where it paints.
        transport: of the worker; None where there is none.
        ready: what it said when its model was loaded.
        chunks: that it paints, by token: at most one of each lane, and those that are held.
        heard: when it last said something, in monotonic seconds.
        seconds: it takes for a step of a picture.
        memory: bytes it holds of the device.
        painted: pictures, since it was started.
        vain: workers that died here in a row before they had painted anything.
        why: it ended.
    """

    def __init__(self, number: int, device: str) -> None:
        self.number, self.device = number, device
        self.transport: Transport | None = None
        self.ready: Ready | None = None
        self.chunks: dict[int, Chunk] = {}
        self.heard = self.seconds = 0.0
        self.memory = self.painted = self.vain = 0
        self.why = ""

    @property
    def name(self) -> str:
        """For people."""
        return f"worker {self.number + 1} ({self.device})"

    @property
    def alive(self) -> bool:
        """Whether there is one, ready or not."""
        return self.transport is not None

    @property
    def free(self) -> bool:
        """Whether it can paint."""
        return self.alive and self.ready is not None

    @property
    def pictures(self) -> float:
        """It has still to paint."""
        return sum(chunk.left(self.seconds) for chunk in self.chunks.values())

    @property
    def hopeful(self) -> bool:
        """Whether another worker here may do better."""
        return self.vain < VAIN

    @property
    def starting(self) -> bool:
        """Whether it is about to be able to."""
        return self.alive and self.ready is None

    def begin(self, start: Callable[[Heard, Lost], Transport], heard: Heard, lost: Lost) -> None:
        """Give the place to a new worker."""
        self.ready, self.painted, self.why = None, 0, ""
        self.heard = time.monotonic()
        self.transport = start(heard, lost)

    def end(self, why: str) -> list[Chunk]:
        """The worker is gone; what it was painting."""
        lost = list(self.chunks.values())
        self.vain = 0 if self.painted else self.vain + 1
        self.transport = self.ready = None
        self.why = self.why or why
        self.chunks.clear()
        return lost

    def takes(self, lane: str) -> bool:
        """Whether it can be given work of a lane."""
        return self.free and not any(
            not chunk.held and (lane == "batch" or chunk.run.order.lane == "interactive")
            for chunk in self.chunks.values()
        )

    def hold(self) -> None:
        """Leave what nobody waits for, such as a paused job's, for what somebody waits for."""
        for chunk in self.chunks.values():
            if chunk.held == chunk.run.waited_for:
                chunk.held = not chunk.held
                self.send(Hold(chunk.token, chunk.held))

    def hangs(self, now: float) -> bool:
        """Whether it should have said something."""
        return self.alive and now - self.heard > (LOADS if self.ready is None else HANGS)

    def send(self, message: object) -> None:
        """Tell the worker."""
        if self.transport is not None:
            self.transport.send(message)

    def give_up(self, why: str) -> None:
        """End the worker for a reason that the next one would have too."""
        self.why, self.vain = why, VAIN
        self.kill()

    def kill(self) -> None:
        """End the worker; the pool hears of it."""
        if self.transport is not None:
            self.why = self.why or "no sign of life"
            self.transport.kill()

    def line(self) -> str:
        """A row of the table."""
        if self.ready is None:
            return f"{self.name}: {'starting' if self.alive else f'gone ({self.why})'}"
        busy = sum(len(chunk.places) for chunk in self.chunks.values())
        work = f"paints {busy}" if busy else "idle"
        where = f"process {self.ready.pid} on {self.ready.host}"
        speed = f"{1000 * self.seconds:.0f} ms a step of a picture"
        return f"{self.name}: {where}, {self.memory / GIB:.2f} GiB, {speed}, {self.painted} painted, {work}"
