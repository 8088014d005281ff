"""The worker: one thread per renderer, shared by its sessions, that advances jobs step by step."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import final
from weakref import WeakKeyDictionary

from guidewidgets import forks
from guidewidgets.engine.model.barriers import end_team
from guidewidgets.session.job import OVER, Job

_workers: WeakKeyDictionary[Hashable, Worker] = WeakKeyDictionary()
_guard = forks.lock()
forks.in_child(at_once=_workers.clear)  # threads stay behind, and the jobs are the parent's


@final
class Worker:
    """Runs jobs in order, interactive ones first, one step at a time; paused jobs are left out.

    Where pictures are painted elsewhere, the first job of every session has its turn, one after the other: a job that
    waits for its pictures stands in nobody's way.

    The thread lives only while there is something to run, so that idle sessions cost nothing.
    """

    def __init__(self, *, apart: bool = False) -> None:
        self._apart, self._turns = apart, 0
        self._jobs: list[Job] = []
        self._lock = forks.lock()
        self._thread: threading.Thread | None = None

    def submit(self, job: Job) -> None:
        """Queue a job."""
        end_team()
        job.wake = self._ensure_running
        with self._lock:
            self._jobs.append(job)
        self._ensure_running()

    def _ensure_running(self) -> None:
        with self._lock:
            if self._thread is None and any(job.runnable for job in self._jobs):
                self._thread = forks.worker("worker", self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                self._jobs = [job for job in self._jobs if job.state not in OVER]
                ready = [job for job in self._jobs if job.runnable]
                if not ready:
                    self._thread = None
                    return
                job = next((job for job in ready if job.lane == "interactive"), ready[0])
                if self._apart:
                    first = list({job.owner: job for job in reversed(ready)}.values())
                    self._turns += 1
                    job = first[self._turns % len(first)]
            job.advance()


def worker_of(key: Hashable, *, apart: bool = False) -> Worker:
    """The worker of a `Renderer.key`: one, however many sessions and engines use it."""
    with _guard:
        return _workers.setdefault(key, Worker(apart=apart))
