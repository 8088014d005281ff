"""The process behind `fresh.py`: it has imported what is heavy, nothing of ours, and forks an interpreter per order.

An order comes over a socket of this machine: three files to be standard input, output and error, then a line of JSON.
The answer is the number of the interpreter, then how it ended. Whoever hangs up before that ends it.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
OWN = {str(TESTS), str(TESTS.parent)}


def serve(address: str) -> None:
    """Fork until standard input is closed; what still runs then is killed."""
    import diffusers
    import transformers

    assert diffusers.StableDiffusionPipeline  # both import their parts when these are first asked for
    assert transformers.CLIPModel
    assert not any(name.startswith("guidewidgets") for name in sys.modules)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # any handler: it is the wakeup that counts
    running: dict[socket.socket, int] = {}
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([sys.stdin, woken, door, *running], [], [])
            if door in ready:
                caller, _ = door.accept()
                running[caller] = _fork(caller, (door, caller, *running))
            if woken in ready:
                os.read(woken, 4096)
            for caller, child in list(running.items()):
                ended, status = os.waitpid(child, os.WNOHANG)
                if ended:
                    with suppress(OSError), caller:
                        caller.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                    del running[caller]
                elif caller in ready:  # hung up
                    os.kill(child, signal.SIGKILL)
            if sys.stdin in ready:
                for child in running.values():
                    os.kill(child, signal.SIGKILL)
                return


def _fork(caller: socket.socket, ours: Iterable[socket.socket]) -> int:
    message, files, _, _ = socket.recv_fds(caller, 1 << 16, 3)
    while not message.endswith(b"\n"):
        message += caller.recv(1 << 16)
    child = os.fork()
    if child == 0:
        for target, file in enumerate(files):
            os.dup2(file, target)
            os.close(file)
        for one in ours:
            one.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        _run(json.loads(message))
    for file in files:
        os.close(file)
    caller.sendall(f"{child}\n".encode())
    return child


def _run(order: dict[str, Any]) -> None:
    """Do as `python -c SCRIPT …` or `python -m MODULE …` would."""
    status = 1
    try:
        if order["environment"] is not None:
            os.environ.clear()
            os.environ.update(order["environment"])
        os.chdir(order["folder"])
        sys.argv[:] = [order.get("module", "-c"), *order["arguments"]]
        if "module" in order:
            first = [order["folder"], *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
            sys.path[:] = [*first, *(path for path in sys.path if path not in OWN)]
            runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        else:
            exec(compile(order["script"], "<script>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the tests' own
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as an interpreter does
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
