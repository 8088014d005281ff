"""What is asked of a pool at one time: genomes, which go out in chunks and come back as frames."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, final

from guidewidgets.engine.workers.messages import Errand, Paint, Step, Work
from guidewidgets.engine.workers.renderer import TOGETHER, Frame, Order
from guidewidgets.genome import Genome

CHUNK_SECONDS = (
    3.0  # of painting that may be lost with a worker, and that others may have to wait for at the end
)
TRIES = 3  # of one chunk
STEP_SECONDS = 0.5  # of a step of a chunk, below which more pictures side by side cost hardly more
WAITING = 0.5  # seconds without a turn, after which nobody waits for it (a paused job)


class WorkersGoneError(RuntimeError):
    """There is no worker any more that could go on."""


@final
@dataclass(eq=False)
class Chunk:
    """Pictures that one worker paints side by side.

    Attributes:
        run: they belong to.
        places: which of its genomes.
        token: its number.
        held: its worker is to leave it alone for now.
        refused: number of the worker that ran out of memory over it last.
        tries: how many workers died or ran out of memory over it.
        step, total: made of how many.
        stepped: when it was, in monotonic seconds.
    """

    run: Run
    places: Sequence[int]
    token: int
    held: bool = False
    refused: int = -1
    tries: int = 0
    step: int = 0
    total: int = 1
    stepped: float = 0.0

    def left(self, seconds: float) -> float:
        """Pictures that are still to be painted, by somebody who takes `seconds` for one step of one."""
        steps = len(self.places) * (self.total - self.step) - (time.monotonic() - self.stepped) / seconds
        return max(0.0, steps / self.total)

    def message(self) -> Paint | Errand:
        """For its worker; latents are copied, since a view would take along all it is a view of."""
        if self.run.work is not None:
            return Errand(self.token, self.run.work, self.run.order)
        return Paint(self.token, [self.run.genomes[i].copy() for i in self.places], self.run.order)

    def frame(self, step: Step, painter: str) -> Frame:
        """What a worker says of it, for who waits."""
        return Frame(self.places, step.step, step.total, step.pixels, step.done, painter)


@final
class Run:
    """Genomes under way; whoever changes it holds the pool's lock.

    Attributes:
        work: what else than painting is to be done with them, by one worker.
        events: for who waits: (chunk, step) or (chunk, said), a text to warn of, or an exception.
        running: chunks that workers have.
    """

    def __init__(self, genomes: Sequence[Genome], order: Order, work: Work | None = None) -> None:
        self.genomes, self.order, self.work = genomes, order, work
        self.events: SimpleQueue[Any] = SimpleQueue()
        self.running: set[Chunk] = set()
        self._left, self._again = deque(range(len(genomes))), list[Chunk]()
        self._turn = time.monotonic()

    @property
    def waited_for(self) -> bool:
        """Whether somebody asks for its frames."""
        return time.monotonic() - self._turn < WAITING

    @property
    def painting(self) -> int:
        """Pictures that workers have."""
        return sum(len(chunk.places) for chunk in self.running)

    def turn(self) -> None:
        """Somebody asks for its frames."""
        self._turn = time.monotonic()

    def next_chunk(
        self, worker: int, seconds: float, others: Sequence[tuple[float, float]], token: int
    ) -> Chunk | None:
        """What a worker is to paint next, or None.

        Args:
            worker: its number.
            seconds: it takes for a step of a picture.
            others: the same of those to share with, and how many pictures they have still to paint.
            token: of a new chunk.
        """
        for chunk in self._again:
            if worker != chunk.refused or not others:
                self._again.remove(chunk)
                self.running.add(chunk)
                return chunk
        if not self._left:
            return None
        count = TOGETHER  # nobody to share with: as without workers
        if others:  # its share, in equal chunks: small ones at the end would cost more a picture
            wanted = max(CHUNK_SECONDS / self.genomes[0].steps, STEP_SECONDS)
            fitting = min(TOGETHER, max(1, int(wanted / seconds)))
            part = share(len(self._left), seconds, others)
            count = max(1, round(part / math.ceil(part / fitting)))
        places = [self._left.popleft() for _ in range(min(count, len(self._left)))]
        chunk = Chunk(self, places, token, total=self.genomes[0].steps)
        self.running.add(chunk)
        return chunk

    def again(self, chunk: Chunk) -> None:
        """A chunk that was not finished: in the same pieces, so with the same bits."""
        self.running.discard(chunk)
        chunk.held, chunk.step = False, 0
        self._again.append(chunk)


def share(left: int, seconds: float, others: Sequence[tuple[float, float]]) -> float:
    """Pictures out of `left` for a free worker, so that all end at one time.

    Args:
        left: to be shared out, at least 1.
        seconds: it takes for a picture.
        others: the same of each other worker, and pictures it has to paint first.
    """
    while True:
        end = (left + sum(busy for _, busy in others)) / (1 / seconds + sum(1 / one for one, _ in others))
        in_time = [(one, busy) for one, busy in others if one * busy <= end]
        if len(in_time) == len(others):
            return min(left, end / seconds)
        others = in_time  # who ends later takes none of them
