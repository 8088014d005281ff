"""A server of plain files, which is all that the page needs."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading

SECONDS = 400  # on a machine with other things to do


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing; remembers what it sent."""

    def log_message(self, *what):
        del what


@contextlib.contextmanager
def served(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
