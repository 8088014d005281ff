"""Fresh interpreters, quickly: a process that has imported what is heavy, and nothing of ours, forks one a script.

Starting Python with torch and diffusers takes six seconds of a processor; a fork takes none. Kernels of notebooks are
had in the same way: their program hands on to the process what Jupyter gave it; see `forked_kernel.py`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent
KERNEL_PROGRAM = [sys.executable, "-m", "ipykernel_launcher"]
"""What Jupyter starts for a kernel that imports for itself."""


class Ended(NamedTuple):
    """How a script ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Running:
    """An interpreter under way; it ends with this object's `kill`, at the latest with the process that forked it."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._answers = line, line.makefile()
        self.pid = int(self._answers.readline())

    def wait(self) -> int:
        """How it ended, once it has: its exit status, or a signal's number below zero."""
        with self._line, self._answers:
            return int(self._answers.readline())

    def kill(self) -> None:
        """End it."""
        self._line.shutdown(socket.SHUT_WR)
        self.wait()


class Interpreters:
    """Asks the process behind it, `forking.py`, for interpreters.

    Attributes:
        kernel: what Jupyter is to start for a forked kernel.
    """

    def __init__(self, address: Path) -> None:
        self._address = address
        self.kernel = [sys.executable, "-I", "-S", str(TESTS / "forked_kernel.py"), str(address)]

    def start(
        self,
        script: str,
        *arguments: object,
        files: Sequence[int],
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Running:
        """Start a script as `python -c` would, with `guidewidgets` and the helpers of tests/ to import.

        Args:
            script: Python.
            arguments: its `sys.argv[1:]`.
            files: descriptors of its standard input, output and error.
            environment: all of its environment; else that of the tests when they began.
            folder: where it runs.
        """
        order = {"script": script, "arguments": [str(a) for a in arguments], "environment": environment}
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(self._address))
        socket.send_fds(line, [b" "], files)
        line.sendall(f"{json.dumps(order | {'folder': str(folder or Path.cwd())})}\n".encode())
        return Running(line)

    def __call__(
        self,
        script: str,
        *arguments: object,
        check: bool = True,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Ended:
        """Run a script to its end; see `start`. It fails if the script does, unless `check` is false."""
        with (
            Path(os.devnull).open("rb") as nothing,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            files = [file.fileno() for file in (nothing, out, err)]
            running = self.start(script, *arguments, files=files, environment=environment, folder=folder)
            status = running.wait()
            for file in (out, err):
                file.seek(0)
            ended = Ended(status, out.read().decode(), err.read().decode())
        assert not check or ended.returncode == 0, ended.stderr
        return ended


def write_kernelspec(folder: Path, program: Sequence[str], packages: Path | None = None) -> None:
    """Write a kernel of this environment; what lies in `packages` (an older ipykernel) takes precedence."""
    spec = {
        "argv": [*program, "-f", "{connection_file}"],
        "display_name": folder.name,
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join(str(path) for path in (packages, TESTS.parent) if path)},
    }
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


@contextmanager
def interpreters() -> Iterator[Interpreters]:
    """A process that forks."""
    # Not in pytest's folder: the address of a socket may have a hundred letters.
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
        address = Path(folder) / "door"
        with subprocess.Popen(
            [sys.executable, TESTS / "forking.py", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"},
        ) as process:
            assert process.stdout.readline() == "ready\n"
            yield Interpreters(address)
            process.stdin.close()
