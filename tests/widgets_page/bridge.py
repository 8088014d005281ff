"""A real widget and a real page without a kernel between them: messages are carried over by hand."""

from __future__ import annotations

import base64
import json
import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "guidewidgets" / "widgets" / "static"
ORIGIN = "http://widget.test/"
SECONDS = 180  # the longest wait for anything; a busy machine needs it, an idle one never
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def serve(page: Page) -> None:
    """Answer the page's requests from files; there is no server."""

    def answer(route: Any) -> None:
        name = route.request.url.removeprefix(ORIGIN).split("?")[0] or "page.html"
        path = next((folder / name for folder in (HERE, STATIC) if (folder / name).is_file()), None)
        if path is None:
            route.fulfill(status=404)
        else:
            route.fulfill(body=path.read_bytes(), content_type=TYPES[path.suffix])

    page.route(f"{ORIGIN}**", answer)


def frames(page: Page, n: int = 2) -> None:
    """Wait until the page has drawn n frames: scrolls and changed sizes have then been told and answered."""
    page.evaluate(
        "n => new Promise((done) => { const next = () => n-- ? requestAnimationFrame(next) : done(); next(); })",
        n,
    )


def settled(page: Page) -> None:
    """Wait until what was laid out anew stands where it belongs, and every transition has ended."""
    frames(page)
    page.evaluate("""async () => {
      const ending = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(ending.map((a) => a.finished));
    }""")
    frames(page, 1)


def text(data: bytes) -> str:
    return base64.b64encode(bytes(data)).decode()


class Bridge:
    """Carries messages between a widget's Python side and its module in a page."""

    def __init__(self, page: Page, widget: Any) -> None:
        self.page, self.widget = page, widget
        self.to_page: queue.Queue[tuple[Any, list[bytes]]] = queue.Queue()
        self.from_page: queue.Queue[Any] = queue.Queue()
        self.log: list[Any] = []
        widget.send = lambda content, buffers=None: self.to_page.put((content, list(buffers or [])))
        page.expose_function("toKernel", lambda content, buffers: self.from_page.put((content, buffers)))
        names = {"kind", "mode", "selection", "still"} & set(widget.trait_names())
        traits = {name: getattr(widget, name) for name in names}
        traits |= {"tiles": [text(t) for t in widget.tiles]}
        # As text: Playwright checks and packs every number of an argument by itself.
        page.evaluate("traits => host.start(JSON.parse(traits))", json.dumps(traits, allow_nan=False))
        page.evaluate("() => host.view()")

    def pump(self) -> None:
        """Carry over what has gathered on both sides."""
        while not self.to_page.empty():
            content, buffers = self.to_page.get()
            self.log.append(content)
            packed = json.dumps(content, allow_nan=False)  # as Jupyter does
            self.page.evaluate(
                "([c, b]) => host.deliver(JSON.parse(c), b)", [packed, [text(b) for b in buffers]]
            )
        self.page.wait_for_timeout(5)  # lets the page's messages in
        while not self.from_page.empty():
            content, buffers = self.from_page.get()
            self.widget._handle_custom_msg(content, [base64.b64decode(b) for b in buffers])

    def until(self, condition: str | Callable[[], object], seconds: float = SECONDS) -> None:
        """Carry messages until a JavaScript expression or a function holds."""
        end = time.monotonic() + seconds
        while True:
            self.pump()
            if self.page.evaluate(condition) if isinstance(condition, str) else condition():
                return
            assert time.monotonic() < end, f"never came true: {condition}\n{self.log[-3:]}"
