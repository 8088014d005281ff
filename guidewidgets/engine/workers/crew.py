"""The workers of a pool: begun, given work, heard, lost. What they leave unfinished goes back to who waits for it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

from guidewidgets import forks
from guidewidgets.engine.workers.link import Link
from guidewidgets.engine.workers.messages import Alive, Failed, Left, Ready, Said, Step
from guidewidgets.engine.workers.run import TRIES, Chunk, Run, WorkersGoneError
from guidewidgets.engine.workers.spawned import Start, Transport

LEAST = 1e-9  # seconds of a step that was too quick for the clock


class Crew:
    """Some workers; whoever calls a method with an underscore holds the lock, but for transports.

    Attributes:
        model: id of the model they have.
        revision: of it.
    """

    def __init__(self, start: Start, devices: Sequence[str], model: str, revision: str) -> None:
        self._start, self.model, self.revision = start, model, revision
        self._links = [Link(i, device) for i, device in enumerate(devices)]
        self._lock, self._closed = forks.rlock(), False
        self._runs: list[Run] = []
        self._notices: list[str] = []
        self._tokens = itertools.count()

    def _begin(self, link: Link) -> None:
        link.begin(lambda heard, lost: self._start(link.number, heard, lost), self._heard, self._lost)

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
                case Said():
                    self._told(link, message)
                case Failed():
                    self._failed(link, message)
                case _:
                    pass

    def _hand_out(self) -> None:
        """Give work to those that have none."""
        for lane in ("interactive", "batch"):
            runs = [one for one in self._runs if one.order.lane == lane and one.waited_for]
            for link in sorted(self._links, key=lambda link: (len(link.chunks), link.seconds)):
                if runs and link.takes(lane):
                    self._give(link, runs)

    def _give(self, link: Link, runs: list[Run]) -> None:
        """Work of the run that has the fewest pictures under way."""
        others = [
            (one.seconds if one.free else link.seconds, one.pictures)
            for one in self._links
            if one.alive and one is not link
        ]
        for run in sorted(runs, key=lambda run: run.painting):
            chunk = run.next_chunk(link.number, link.seconds, others, next(self._tokens))
            if chunk is not None:
                chunk.stepped = time.monotonic()
                link.chunks[chunk.token] = chunk
                link.send(chunk.message())
                return

    def _ready(self, link: Link, ready: Ready) -> None:
        if (ready.model, ready.revision) != (self.model, self.revision):
            link.give_up(
                f"what workers can load of {self.model!r} is revision {ready.revision}, not {self.revision}: "
                "save it as it is (pipe.save_pretrained('folder')) and give the folder, "
                "Engine.load('folder', workers=…)"
            )
            return
        link.ready, link.seconds = ready, max(LEAST, ready.seconds)

    def _stepped(self, link: Link, step: Step) -> None:
        chunk = link.chunks.get(step.token)
        link.seconds = max(LEAST, step.seconds)
        if chunk is not None:
            chunk.step, chunk.total, chunk.stepped = step.step, step.total, link.heard
        if step.done is not None:
            self._taken(link, step.token)
            link.painted += len(step.done.latents)
        if chunk is not None and chunk.run in self._runs:
            chunk.run.events.put((chunk, step))
        if step.done is not None:  # at once: who waits for the pictures saves them first
            self._hand_out()

    def _told(self, link: Link, said: Said) -> None:
        chunk = link.chunks.get(said.token)
        if said.over:
            self._taken(link, said.token)
        if chunk is not None and chunk.run in self._runs:
            chunk.run.events.put((chunk, said))

    def _taken(self, link: Link, token: int) -> None:
        """A worker has done with a chunk."""
        if (chunk := link.chunks.pop(token, None)) is not None:
            chunk.run.running.discard(chunk)

    def _failed(self, link: Link, failed: Failed) -> None:
        if failed.token is None:
            link.give_up(str(failed.error))
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
            if link.hopeful and any(one.free for one in self._links):
                self._begin(link)
            if not any(one.alive for one in self._links):
                for run in self._runs:
                    text = f"the last worker is gone ({link.why}): what it finished is kept"
                    run.events.put(WorkersGoneError(text))
                return
            notice = f"{told}: others paint its pictures"
            for chunk in lost:
                self._redo(
                    chunk, notice, WorkersGoneError(f"{TRIES} workers died painting the same pictures")
                )
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
