"""Several workers as one renderer: who is free pulls the next chunk, and what is lost is painted again by another."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Hashable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty
from typing import Any, final
from weakref import WeakSet

from guidewidgets.caution import caution
from guidewidgets.engine.workers.crew import Crew
from guidewidgets.engine.workers.messages import Cancel, Reply, Work
from guidewidgets.engine.workers.renderer import Frame, Order, Renderer
from guidewidgets.engine.workers.run import Chunk, Run
from guidewidgets.engine.workers.spawned import Start
from guidewidgets.genome import Genome

TICK = 0.025  # seconds between two looks around
LATER = 10.0  # seconds after the first worker that the others have to be there at the start

_pools: WeakSet[Pool] = WeakSet()


@final
class Pool(Crew, Renderer):
    """Paints with workers."""

    apart = True

    def __init__(self, start: Start, devices: Sequence[str], model: str, revision: str) -> None:
        """Start them.

        Args:
            start: starts the worker of a number.
            devices: of each, for people.
            model: id.
            revision: which they must have.

        Raises:
            ValueError: none of them can begin; the message says why.
        """
        super().__init__(start, devices, model, revision)
        self._pid, self._looked = os.getpid(), time.monotonic()
        with self._lock:
            for link in self._links:
                self._begin(link)
        end = None
        while any(link.starting for link in self._links) and (end is None or time.monotonic() < end):
            time.sleep(TICK)
            with self._lock:
                self._watch()
            if end is None and any(link.free for link in self._links):
                end = time.monotonic() + LATER
        if not any(link.alive for link in self._links):
            raise ValueError(self._links[0].why)
        _pools.add(self)

    @property
    def key(self) -> Hashable:
        """Itself."""
        return self

    def render(self, genomes: Sequence[Genome], order: Order) -> Generator[Frame | None, None, None]:
        """See `Renderer.render`.

        Raises:
            RuntimeError: the last worker died, or this is another process than theirs.
            ValueError: a concept is by another model.
        """
        if others := sorted({name for genome in genomes for name in genome.prompt.models}):
            message = f"workers have one model only: load without workers= to paint concepts by {others[0]!r}"
            raise ValueError(message)
        run, finished = Run(genomes, order), 0
        with self._at_work(run):
            while finished < len(genomes):
                event = self._next(run)
                if event is None:
                    yield None
                    continue
                chunk, step = event
                finished += len(chunk.places) if step.over else 0
                yield chunk.frame(step, self._painters(run))

    def errand(self, genome: Genome, work: Work) -> Generator[tuple[Any, str] | None, Any, None]:
        """Have one worker do something else than painting; closing the generator cancels.

        If the worker is lost, another one does all of it again, from the beginning.

        Args:
            genome: what it is about: of its steps are those of the errand.
            work: what to do, see `Work`.

        Yields:
            What it says, and who says it; None while there is nothing new. What is sent is its answer, where it waits.

        Raises:
            RuntimeError: the last worker died, or this is another process than theirs.
            Exception: whatever the work raises.
        """
        run = Run([genome], Order(), work)
        with self._at_work(run):
            while True:
                event = self._next(run)
                if event is None:
                    yield None
                    continue
                chunk, said = event
                if said.over:
                    return
                answer = yield said.what, self._painters(run)
                if said.waits:
                    self._reply(chunk, Reply(said.token, said.n, answer))

    @contextmanager
    def _at_work(self, run: Run) -> Generator[None]:
        """With the workers on a run, until it is over or left."""
        if os.getpid() != self._pid:
            raise RuntimeError("workers belong to the process that started them: load the model again here")
        with self._lock:
            self._revive()
            self._runs.append(run)
            for text in self._notices:
                run.events.put(text)
            self._notices.clear()
        try:
            yield
        finally:
            with self._lock:
                self._runs.remove(run)
                for link in self._links:
                    for chunk in link.chunks.values():
                        if chunk.run is run:
                            link.send(Cancel(chunk.token))

    def _next(self, run: Run) -> tuple[Chunk, Any] | None:
        """What a worker says of a run, or None for now; warnings are passed on, and errors raised."""
        self._look(run)
        try:
            event = run.events.get(timeout=TICK)
        except Empty:
            return None
        if isinstance(event, Exception):
            raise event
        if isinstance(event, str):
            caution(event)
            return None
        for text in event[1].cautions:
            caution(text)
        return event

    def _reply(self, chunk: Chunk, reply: Reply) -> None:
        with self._lock:
            for link in self._links:
                if chunk.token in link.chunks:
                    link.send(reply)

    def close(self) -> None:
        """End all workers."""
        if os.getpid() == self._pid:
            with self._lock:
                self._closed = True
                _pools.discard(self)
                for link in self._links:
                    link.kill()

    def table(self) -> Iterator[str]:
        """A line for each worker."""
        with self._lock:
            yield f"workers of {self.model} ({self.revision}):"
            for link in self._links:
                yield f"  {link.line()}"

    def _painters(self, run: Run) -> str:
        """Who paints what of a run, in a few words."""
        with self._lock:
            busy = [
                (link, sum(len(c.places) for c in link.chunks.values() if c.run is run))
                for link in self._links
            ]
        busy = [(link, count) for link, count in busy if count]
        told = ", ".join(f"{link.name} paints {count}" for link, count in busy[:3])
        return told + (f" and {len(busy) - 3} more paint" if len(busy) > 3 else "")

    # Everything below holds the lock.

    def _revive(self) -> None:
        """Start those again that died, if there is hope for them, or if there is nobody else."""
        nobody = not any(link.alive for link in self._links)
        for link in self._links:
            if not link.alive and (nobody or link.hopeful):
                self._begin(link)

    def _look(self, run: Run) -> None:
        """Somebody waits for a run: end workers that hang, give work to those that have none."""
        with self._lock:
            run.turn()
            self._watch()
            for link in self._links:
                link.hold()
            self._hand_out()

    def _watch(self) -> None:
        now = time.monotonic()
        paused, self._looked = now - self._looked > 1, now
        for link in self._links:
            if paused:  # this process stood still itself: what they said meanwhile is still to be read
                link.heard = now
            elif link.hangs(now):
                link.kill()


def tables() -> Iterator[str]:
    """The workers of all pools of this process, a line each."""
    for pool in list(_pools):
        yield from pool.table()
