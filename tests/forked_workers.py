"""Workers without seven seconds of imports: a process that has imported everything forks them.

It gets the two pipes of every worker through a pair of sockets, answers with the worker's number, and ends when the
other end is closed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from fresh import Interpreters

ERRANDS = Path(__file__).parent / "engine"


class Forked:
    """A worker, with as much of `subprocess.Popen` as is used of one."""

    def __init__(self, pid: int, stdin: int, stdout: int, parent: int) -> None:
        self.pid, self._parent = pid, parent
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")

    def kill(self) -> None:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # it may be gone by now
            if psutil.Process(self.pid).ppid() == self._parent:
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        return -signal.SIGKILL


class Forker:
    """Takes the place of `spawned.launch`.

    Attributes:
        started: numbers of the processes, in order.
        limits: bytes of address space that the next workers may have beyond what they have; None is no limit.
    """

    def __init__(self, pid: int, talk: socket.socket) -> None:
        self._pid, self._talk = pid, talk
        self.started: list[int] = []
        self.limits: list[int | None] = []

    def __call__(self, begin: object, errors: object) -> Forked:
        del begin, errors
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        limit = self.limits.pop(0) if self.limits else None
        socket.send_fds(self._talk, [json.dumps(limit).encode()], [theirs_in, theirs_out])
        os.close(theirs_in)
        os.close(theirs_out)
        self.started.append(int(self._talk.recv(20)))
        return Forked(self.started[-1], ours_out, ours_in, self._pid)


@contextmanager
def forker(fresh: Interpreters) -> Iterator[Forker]:
    """The process that forks, itself forked."""
    ours, theirs = socket.socketpair()
    with ours, Path(os.devnull).open("r+b") as nothing:
        files = [theirs.fileno(), nothing.fileno(), nothing.fileno()]
        # Errands are functions of tests beside the engine's, whichever test is the first to need a worker.
        script = f"import sys; sys.path.append({str(ERRANDS)!r})\n"
        script += "import socket, forked_workers; forked_workers.serve(socket.socket(fileno=0))"
        process = fresh.start(script, files=files)
        theirs.close()
        yield Forker(process.pid, ours)
        ours.close()
        process.wait()


def serve(talk: socket.socket) -> None:
    """Fork a worker per message, until the other end is closed."""
    import resource

    import torch

    from guidewidgets.engine import Engine
    from guidewidgets.engine.workers.process import run

    assert Engine
    torch.set_num_threads(1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with talk:
        while True:
            message, fds, _, _ = socket.recv_fds(talk, 20, 2)
            if not message:
                return
            me, child = os.getpid(), os.fork()
            if child == 0:
                talk.close()
                if (limit := json.loads(message)) is not None:
                    now = psutil.Process().memory_info().vms
                    resource.setrlimit(resource.RLIMIT_AS, (now + limit,) * 2)
                try:
                    run(os.fdopen(fds[0], "rb"), os.fdopen(fds[1], "wb"), me)
                finally:
                    os._exit(1)
            for fd in fds:
                os.close(fd)
            talk.sendall(str(child).encode())
