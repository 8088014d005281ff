"""Workers as processes on this machine: started afresh, spoken to by pipes. No socket, no port, no file."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO, final

from guidewidgets.engine.workers.messages import Begin

PROGRAM = "from guidewidgets.engine.workers.process import main; main()"


class Transport(ABC):
    """One worker, as far as it can be spoken to."""

    @abstractmethod
    def send(self, message: object) -> None:
        """Tell it something; never waits."""

    @abstractmethod
    def kill(self) -> None:
        """End it, whatever it does."""


Heard = Callable[[Transport, Any], object]
"""What is called with every message, on a thread of the transport's own."""
Lost = Callable[[Transport, str], object]
"""What is called once, after the last message, with the reason."""
Start = Callable[[int, Heard, Lost], Transport]
"""Starts the worker of a number."""


def launch(begin: Begin, errors: BinaryIO) -> subprocess.Popen[bytes]:
    """A process that waits for `begin`; what goes wrong before that is written to `errors`."""
    environment = {
        "OMP_NUM_THREADS": str(begin.threads),
        "HF_HUB_OFFLINE": "1",  # the other process has fetched what there is to fetch
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    return subprocess.Popen(  # noqa: S603 - this Python
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=os.environ | environment,
        start_new_session=True,  # an interrupt of the kernel is not for it
    )


@final
class Spawned(Transport):
    """A process of our own."""

    def __init__(self, begin: Begin, heard: Heard, lost: Lost) -> None:
        """Start it."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = launch(begin, self._errors)
        self._outbox: SimpleQueue[Any] = SimpleQueue()
        self._heard, self._lost = heard, lost
        self.send(begin)
        # Writing has a thread of its own: a process that stands still reads nothing, and who writes would wait.
        for target in (self._write, self._read):
            threading.Thread(target=target, name="guidewidgets-pipe", daemon=True).start()

    def send(self, message: object) -> None:
        """See `Transport.send`."""
        self._outbox.put(message)

    def kill(self) -> None:
        """See `Transport.kill`."""
        self._process.kill()
        self._outbox.put(None)

    def _write(self) -> None:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            while (message := self._outbox.get()) is not None:
                pickle.dump(message, pipe)
                pipe.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - likewise
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError), self._process.stdout as pipe:
            while True:
                self._heard(self, pickle.load(pipe))  # noqa: S301 - from a process of our own
        self._process.kill()
        self._outbox.put(None)
        status = self._process.wait()
        self._lost(self, self._why(status))

    def _why(self, status: int) -> str:
        with self._errors as file:
            file.seek(0)
            lines = file.read().decode(errors="replace").strip().splitlines()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        return f"{how}: {lines[-1]}" if lines and status >= 0 else how
