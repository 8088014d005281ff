"""Several workers as one renderer: who is free pulls the next chunk, and what is lost is painted again by another."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Generator, Hashable, Iterator, Sequence
from queue import Empty
from typing import Any, final
from weakref import WeakSet

from guidewidgets import forks
from guidewidgets.caution import caution
from guidewidgets.engine.workers.link import Link
from guidewidgets.engine.workers.messages import Alive, Cancel, Failed, Left, Ready, Step
from guidewidgets.engine.workers.renderer import Frame, Order, Renderer
from guidewidgets.engine.workers.run import TRIES, Chunk, Run
from guidewidgets.engine.workers.spawned import Start, Transport
from guidewidgets.genome import Genome

TICK = 0.01  # seconds between two looks around
LATER = 10.0  # seconds after the first worker that the others have to be there at the start

_pools: WeakSet[Pool] = WeakSet()


@final
class Pool(Renderer):
    """Paints with workers.

    Attributes:
        revision: of the model they have.
    """

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
        self._start, self.model, self.revision = start, model, revision
        self._links = [Link(i, device) for i, device in enumerate(devices)]
        self._lock, self._pid = forks.rlock(), os.getpid()
        self._runs: list[Run] = []
        self._tokens = itertools.count()
        self._notices: list[str] = []
        self._looked = time.monotonic()
        self._closed = False
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
        if os.getpid() != self._pid:
            raise RuntimeError("workers belong to the process that started them: load the model again here")
        if others := sorted({name for genome in genomes for name in genome.prompt.models}):
            message = f"workers have one model only: load without workers= to paint concepts by {others[0]!r}"
            raise ValueError(message)
        run = Run(genomes, order)
        with self._lock:
            self._revive()
            self._runs.append(run)
            for text in self._notices:
                run.events.put(text)
            self._notices.clear()
        try:
            yield from self._frames(run)
        finally:
            with self._lock:
                self._runs.remove(run)
                for link in self._links:
                    for chunk in link.chunks.values():
                        if chunk.run is run:
                            link.send(Cancel(chunk.token))

    def _frames(self, run: Run) -> Generator[Frame | None, None, None]:
        finished = 0
        while finished < len(run.genomes):
            self._look(run)
            try:
                event = run.events.get(timeout=TICK)
            except Empty:
                yield None
                continue
            if isinstance(event, Exception):
                raise event
            if isinstance(event, str):
                caution(event)
                continue
            chunk, step = event
            for text in step.cautions:
                caution(text)
            finished += len(chunk.places) if step.done is not None else 0
            yield chunk.frame(step, self._painters(run))

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

    def _begin(self, link: Link) -> None:
        link.begin(lambda heard, lost: self._start(link.number, heard, lost), self._heard, self._lost)

    def _revive(self) -> None:
        """Start those again that died, if they ever did anything, or if there is nobody else."""
        nobody = not any(link.alive for link in self._links)
        for link in self._links:
            if not link.alive and (nobody or link.painted):
                self._begin(link)

    def _look(self, run: Run) -> None:
        """Somebody waits for a run: end workers that hang, give work to those that have none."""
        with self._lock:
            run.turn()
            self._watch()
            for lane in ("interactive", "batch"):
                runs = [one for one in self._runs if one.order.lane == lane and one.waited_for]
                for link in sorted(self._links, key=lambda link: (len(link.chunks), link.seconds)):
                    if runs and link.takes(lane):
                        self._give(link, runs)

    def _give(self, link: Link, runs: list[Run]) -> None:
        """Work of the run that has the fewest pictures under way."""
        alive = sum(one.alive for one in self._links)
        for run in sorted(runs, key=lambda run: run.painting):
            chunk = run.next_chunk(link.number, alive, link.seconds, next(self._tokens))
            if chunk is not None:
                link.chunks[chunk.token] = chunk
                link.send(chunk.paint())
                return

    def _watch(self) -> None:
        now = time.monotonic()
        paused, self._looked = now - self._looked > 1, now
        for link in self._links:
            if paused:  # this process stood still itself: what they said meanwhile is still to be read
                link.heard = now
            elif link.hangs(now):
                link.kill()

    # Called by the transports.

    def _heard(self, transport: Transport, message: Any) -> None:
        with self._lock:
            link = next((one for one in self._links if one.transport is transport), None)
            if link is None:
                return
            link.heard = time.monotonic()
            match message:
                case Alive():
                    link.memory = message.memory
                case Ready():
                    self._ready(link, message)
                case Left():
                    self._taken(link, message.token)
                case Step():
                    self._stepped(link, message)
                case Failed():
                    self._failed(link, message)
                case _:
                    pass

    def _ready(self, link: Link, ready: Ready) -> None:
        if (ready.model, ready.revision) != (self.model, self.revision):
            link.why = (
                f"what workers can load of {self.model!r} is revision {ready.revision}, not {self.revision}: "
                "save it as it is (pipe.save_pretrained('folder')) and give the folder, "
                "Engine.load('folder', workers=…)"
            )
            link.kill()
            return
        link.ready, link.seconds = ready, ready.seconds

    def _stepped(self, link: Link, step: Step) -> None:
        chunk = link.chunks.get(step.token)
        link.seconds = step.seconds
        if step.done is not None:
            self._taken(link, step.token)
            link.painted += len(step.done.latents)
        if chunk is not None and chunk.run in self._runs:
            chunk.run.events.put((chunk, step))

    def _taken(self, link: Link, token: int) -> None:
        """A worker has done with a chunk."""
        if (chunk := link.chunks.pop(token, None)) is not None:
            chunk.run.running.discard(chunk)

    def _failed(self, link: Link, failed: Failed) -> None:
        if failed.token is None:
            link.why = str(failed.error)
            link.kill()
            return
        chunk = link.chunks.get(failed.token)
        self._taken(link, failed.token)
        if chunk is None or chunk.run not in self._runs:
            return
        if isinstance(failed.error, MemoryError) and any(
            one.alive and one is not link for one in self._links
        ):
            chunk.refused = link.number
            self._redo(chunk, f"{link.name} ran out of memory: others paint its pictures", failed.error)
        else:
            chunk.run.events.put(failed.error)

    def _lost(self, transport: Transport, why: str) -> None:
        with self._lock:
            link = next((one for one in self._links if one.transport is transport), None)
            if link is None or self._closed:
                return
            lost = link.end(why)
            told = f"{link.name} is gone ({link.why})"
            if link.painted and any(one.free for one in self._links):
                self._begin(link)
            if not any(one.alive for one in self._links):
                for run in self._runs:
                    run.events.put(
                        RuntimeError(f"the last worker is gone ({link.why}): what it finished is kept")
                    )
                return
            notice = f"{told}: others paint its pictures"
            for chunk in lost:
                self._redo(chunk, notice, RuntimeError(f"{TRIES} workers died painting the same pictures"))
            if not lost:
                self._notices.append(notice)

    def _redo(self, chunk: Chunk, notice: str, error: Exception) -> None:
        """A chunk was not finished: once more, or not."""
        if chunk.run not in self._runs:
            return
        chunk.tries += 1
        if chunk.tries == TRIES:
            chunk.run.events.put(error)
            return
        chunk.run.again(chunk)
        chunk.run.events.put(notice)


def tables() -> Iterator[str]:
    """The workers of all pools of this process, a line each."""
    for pool in list(_pools):
        yield from pool.table()
