"""What Jupyter starts as a kernel, `forked_kernel.py ADDRESS -f CONNECTION`: it asks `forking.py` for one.

It stands for that one until it ends. Signals that end this program end the kernel, since its line is cut then;
interrupts are passed on.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys


def main(address: str, *arguments: str) -> None:
    """Have the kernel forked, and end as it ends."""
    order = {"module": "ipykernel_launcher", "arguments": arguments, "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        socket.send_fds(line, [b" "], [0, 1, 2])
        line.sendall(f"{json.dumps(order | {'folder': os.getcwd()})}\n".encode())  # noqa: PTH109 - no more imports
        with line.makefile() as answers:
            kernel = int(answers.readline())
            signal.signal(signal.SIGINT, lambda *_: os.kill(kernel, signal.SIGINT))
            status = int(answers.readline())
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main(*sys.argv[1:])
