"""A worker as a process of its own: told what to do by its standard input, it answers by its standard output."""

from __future__ import annotations

import os
import pickle
import threading
import time
from queue import SimpleQueue
from typing import Any, BinaryIO

from guidewidgets.engine.workers.messages import Alive, Begin
from guidewidgets.engine.workers.serve import memory_of, work

PULSE = 1.0  # seconds between two signs of life


def main() -> None:
    """Work until the parent closes the pipe, or is gone."""
    given, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what libraries print must not get among the answers
    run(given, answers, os.getppid())


def run(given: BinaryIO, answers: BinaryIO, parent: int) -> None:
    """Work with two pipes."""
    begin: Begin = pickle.load(given)  # noqa: S301 - from the process that started this one
    inbox: SimpleQueue[Any] = SimpleQueue()
    lock = threading.Lock()

    def send(message: object) -> None:
        try:
            with lock:
                pickle.dump(message, answers)
                answers.flush()
        except OSError:  # nobody is there any more
            os._exit(0)

    def listen() -> None:
        try:
            while True:
                inbox.put(pickle.load(given))  # noqa: S301 - as above
        finally:
            os._exit(0)  # whatever this process is in the middle of

    def pulse() -> None:
        # The pipe alone would not do: others may have inherited its other end.
        while os.getppid() == parent:
            send(Alive(memory_of(begin.device)))
            time.sleep(PULSE)
        os._exit(0)

    for target in (listen, pulse):
        threading.Thread(target=target, daemon=True).start()
    work(begin, inbox, send)
