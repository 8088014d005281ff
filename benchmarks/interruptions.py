"""How soon a workbench shows what is so once it is back, in a real JupyterLab: `python -m benchmarks.interruptions`.

Four times it is away while somebody else stars a picture in its kernel: its connection is cut for ten seconds, its page
is frozen for a minute as browsers freeze hidden tabs, its kernel stands still for ten seconds as on a laptop that
sleeps, and a second browser has the same notebook open. Told are the seconds from its return until the star is shown:
aim 2. A cut connection is back when JupyterLab says so, which has its own pauses between two tries.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import Page, sync_playwright

from benchmarks.timing import write

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

from browsers import launch  # noqa: E402 (found by the line above)
from lab import KERNEL, LATEST, TOKEN, Lab, Notebook, serve  # noqa: E402
from lab_page import load  # noqa: E402
from workbench import Workbench  # noqa: E402

CUT, FROZEN, ASLEEP = 10, 60, 10  # seconds
SETUP = """import guidewidgets as gw
s = gw.Session("a mushroom", seed=0)
s.steps = 4
s"""


class Wire:
    """A connection between browser and server that can be cut."""

    def __init__(self, port: int) -> None:
        self.whole, self._to, self._ends = True, port, set[socket.socket]()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near, _ = self._door.accept()
            if not self.whole:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._ends |= {near, far}
            for here, there in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(here, there), daemon=True).start()

    @staticmethod
    def _carry(here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(1 << 16):
                there.sendall(data)
        for end in (here, there):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End what is connected, and let nobody in."""
        self.whole = False
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()


@contextmanager
def beside(notebook: Notebook) -> Iterator[BlockingKernelClient]:
    """A client of the notebook's kernel that is no browser."""
    file = notebook.py("import ipykernel; print(ipykernel.get_connection_file())")
    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()


def starred(page: Page, number: int) -> float:
    """When the page shows the star of a picture."""
    page.locator(f".jp-Notebook:visible .gw-tile[data-slot='{number}'][data-mark='star']").wait_for()
    return time.monotonic()


def again(page: Page, lab: Lab, path: str) -> None:
    """The notebook in another browser."""
    page.set_default_timeout(30_000)
    page.goto(f"{lab.url}/lab/tree/{path}?token={TOKEN}", wait_until="domcontentloaded")
    page.locator(".jp-Notebook:visible .gw-root[data-state='live'] .gw-tile[data-final]").first.wait_for()


def main() -> None:
    """Interrupt one workbench four times, and write how soon it was right again."""
    figures: dict[str, float] = {"cut_s": CUT, "frozen_s": FROZEN, "asleep_s": ASLEEP}
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), {LATEST: None}) as lab,
        sync_playwright() as playwright,
    ):
        wire, browser = Wire(urlsplit(lab.url).port or 0), launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(30_000)
        load(page, wired := Lab(f"http://127.0.0.1:{wire.port}", lab.root, lab.log))
        notebook = Notebook(page, wired, "interruptions", LATEST)
        notebook.open(SETUP)
        bench = Workbench(notebook)
        bench.press("generate")
        bench.painted(12)
        with beside(notebook) as client:
            # A cut connection.
            wire.cut()
            client.execute("s.star(0)", reply=True, timeout=60)
            page.wait_for_timeout(CUT * 1000)
            wire.whole, mended = True, time.monotonic()
            page.wait_for_function(f"() => {KERNEL}?.connectionStatus === 'connected'")
            connected = time.monotonic()
            shown = starred(page, 0)
            figures |= {"reconnected_s": connected - mended, "right_after_a_cut_s": shown - connected}
            # A frozen page.
            tools = page.context.new_cdp_session(page)
            tools.send("Page.setWebLifecycleState", {"state": "frozen"})
            client.execute("s.star(1)", reply=True, timeout=60)
            time.sleep(FROZEN)
            thawed = time.monotonic()
            tools.send("Page.setWebLifecycleState", {"state": "active"})
            figures["right_after_a_freeze_s"] = starred(page, 1) - thawed
            # A kernel that stands still, and a click meanwhile.
            kernel = int(notebook.py("import os; print(os.getpid())"))
            page.evaluate(
                "() => document.querySelectorAll('.jp-Dialog .jp-mod-accept').forEach(b => b.click())"
            )
            os.kill(kernel, signal.SIGSTOP)
            bench.tiles.nth(2).dispatch_event("click")  # JupyterLab still has a dialog up about the cut
            page.wait_for_timeout(ASLEEP * 1000)
            figures["told_that_it_is_silent"] = float(
                "No answer from the kernel yet" in bench.root.inner_text()
            )
            os.kill(kernel, signal.SIGCONT)
            woke = time.monotonic()
            figures["right_after_a_sleep_s"] = starred(page, 2) - woke
            notebook.until("s[2].starred")
            # Another browser.
            page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
            other = launch(playwright).new_page()
            again(other, lab, notebook.path)
            for number, (hand, eye) in enumerate(((page, other), (other, page)), 3):
                hand.locator(f".jp-Notebook:visible .gw-tile[data-slot='{number}']").dispatch_event("click")
                figures[f"seen_by_the_other_{number - 2}_s"] = -time.monotonic() + starred(eye, number)
            stars = notebook.py("print(sorted(c.id for g in s.history for c in g if c.starred))")
            figures["all_kept"] = float(stars == "[0, 1, 2, 3, 4]")
    write("interruptions", {name: round(value, 2) for name, value in figures.items()})


if __name__ == "__main__":
    main()
