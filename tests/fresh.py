"""Fresh interpreters, quickly: a process that has imported what is heavy, and nothing of ours, forks one a script.

Starting Python with torch and diffusers takes seven seconds of a processor; a fork takes none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent


class Ended(NamedTuple):
    """How a script ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Interpreters:
    """Asks the process behind it for one interpreter after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, script: str, *arguments: object, check: bool = True) -> Ended:
        """Run a script as `python -c` would, with `guidewidgets` and the helpers of tests/ to import."""
        order = {"script": script, "arguments": [str(a) for a in arguments]}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        ended = Ended(*json.loads(self._process.stdout.readline()))
        assert not check or ended.returncode == 0, ended.stderr
        return ended


@contextmanager
def interpreters() -> Iterator[Interpreters]:
    """A process that forks."""
    path = f"{TESTS}:{TESTS.parent}"
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    ) as process:
        yield Interpreters(process)
        process.stdin.close()


def _serve() -> None:
    import diffusers
    import transformers

    assert diffusers.StableDiffusionPipeline  # both import their parts when these are first asked for
    assert transformers.CLIPModel
    assert not any(name.startswith("guidewidgets") for name in sys.modules)
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                _run(order, out.fileno(), err.fileno())
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            for file in (out, err):
                file.seek(0)
            print(json.dumps([status, out.read().decode(), err.read().decode()]), flush=True)


def _run(order: dict, out: int, err: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(source, target)
    sys.argv[:] = ["-c", *order["arguments"]]
    status = 1
    try:
        exec(compile(order["script"], "<script>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the tests' own
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as an interpreter does
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve()
