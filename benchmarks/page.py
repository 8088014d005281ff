"""What a visitor of the page that paints waits for, in a real Chromium that reaches one server of plain files.

A first visit (nothing cached), a second one, and twelve pictures more on a page that is warm; the bytes that the server
sent, and what the page's process holds and used. Budgets: first picture ≤ 4 s, twelve ≤ 12 s on two cores in
WebAssembly, ≤ 30 MB, no model fetched twice. `python -m benchmarks.page [visits]`
"""

from __future__ import annotations

import functools
import http.server
import statistics
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.timing import write
from docs import build_page

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

from browsers import launch  # noqa: E402 (found by the line above)

CUT = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# The milliseconds until the first and until every picture is finished.
WATCH = """window.watch = (begun, seen = {}) => new Promise(done => {
    const observer = new MutationObserver(() => {
        const tiles = [...document.querySelectorAll(".tile")];
        const finished = tiles.filter(tile => !tile.classList.contains("under-way")).length;
        if (finished > 0) seen.first ??= performance.now() - begun;
        if (finished === 0 || finished < tiles.length) return;
        observer.disconnect();
        done({...seen, twelve: performance.now() - begun});
    });
    const where = {subtree: true, childList: true, attributes: true, attributeFilter: ["class"]};
    observer.observe(document, where);
});
window.painted = watch(0);
"""
MORE = """() => {
    [...document.querySelectorAll("button")].find(b => b.textContent === "New noise").click();
    return watch(performance.now());
}"""


class Counting(http.server.SimpleHTTPRequestHandler):
    """Counts the bytes of the files it sends."""

    sent = 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file."""
        content = source.read()
        Counting.sent += len(content)
        outputfile.write(content)


def held(browser: Browser) -> tuple[float, float]:
    """MB of memory (shared pages divided among those that share them), and CPU seconds, of the page's processes."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [process for process in told if process["type"] == "renderer"]
    lines = "".join(Path(f"/proc/{process['id']}/smaps_rollup").read_text() for process in pages)
    kilobytes = sum(int(line.split()[1]) for line in lines.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1000, sum(process["cpuTime"] for process in pages)


def visit(browser: Browser, origin: str) -> dict[str, float]:
    """One visitor, who comes, takes new noise, and comes back."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    Counting.sent = 0
    page.goto(origin)
    first = page.evaluate("painted")
    megabytes, cpu = held(browser)
    figures = {
        "first_picture_s": first["first"] / 1000,
        "twelve_pictures_s": first["twelve"] / 1000,
        "cpu_s": cpu,
        "transferred_MB": Counting.sent / 1e6,
        "page_MB": megabytes,
    }
    figures["twelve_more_s"] = page.evaluate(MORE)["twelve"] / 1000
    Counting.sent = 0
    page.reload()
    again = page.evaluate("painted")
    figures |= {
        "second_visit_first_picture_s": again["first"] / 1000,
        "second_visit_twelve_pictures_s": again["twelve"] / 1000,
        "second_visit_transferred_MB": Counting.sent / 1e6,
    }
    context.close()
    return figures


def main(visits: int) -> None:
    """Build the page, have it visited, write the medians and the slowest."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        build_page.main(Path(folder) / "page")
        handler = functools.partial(Counting, directory=f"{folder}/page")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        rows: list[dict[str, float]] = []
        for _ in range(visits):
            browser = launch(playwright, CUT)
            rows.append(visit(browser, f"http://127.0.0.1:{server.server_port}/"))
            browser.close()
        server.shutdown()
    figures: dict[str, Any] = {"visits": visits, "engine": "WebAssembly"}
    for name in rows[0]:
        figures[name] = round(statistics.median(row[name] for row in rows), 3)
        if name.endswith("_s"):
            figures[f"{name}_max"] = round(max(row[name] for row in rows), 3)
    write("page", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
