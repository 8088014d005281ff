"""How long until a view of a session is on the screen, in a real JupyterLab: `python -m benchmarks.first_paint [n]`.

The session has twelve finished pictures. Each of its views is made anew and shown: timed from before it is made in the
kernel until the browser has painted the frame in which it knows the session and all its tiles are there. Each tab of a
new workbench is timed from the click. What a panel computes afterwards (maps, a preview) is not waited for. Told are
the median and the slowest of n rounds, in milliseconds, after one that warms up. Budget: ≤ 300 ms.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.timing import write

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

from lab import Notebook  # noqa: E402 (found by the line above)
from lab_page import open_lab  # noqa: E402

ROUNDS = 9
VIEWS = {
    "workbench": "GridWidget(s)",
    "grid": "GridWidget(s, mode='grid')",
    "lineage": "LineagePanel(s)",
    "composer": "ComposerPanel(s)",
    "saliency": "SaliencyPanel(s)",
    "monitor": "MonitorPanel(s)",
    "taste": "TastePanel(s)",
}
TABS = ("lineage", "composer", "saliency", "monitor", "taste")
SETUP = """import time
import ipywidgets
import guidewidgets as gw
from guidewidgets.widgets import *
s = gw.Session("an owl", seed=1)
s.steps = 4
s.sample(12).wait()
s.star(1, 4)
box = ipywidgets.VBox()
def show(make):
    global started, view
    started = time.time()
    view = make()
    box.children = [view]
box"""
# The moment (ms since 1970) when the view has been painted; a click first, where there is one, and its moment.
PAINTED = """async ([selector, click]) => {
    const now = () => performance.timeOrigin + performance.now();
    const clicked = now();
    if (click) document.querySelector(click).click();
    const there = (view) => view?.dataset.state === 'live' && view.offsetHeight > 0 &&
        [...view.querySelectorAll('.gw-tile')].every(tile => 'painted' in tile.dataset);
    do await new Promise(requestAnimationFrame);
    while (!there(document.querySelector(selector)));
    await new Promise(requestAnimationFrame);
    await new Promise(done => setTimeout(done));
    return [clicked, now()];
}"""


def shown(notebook: Notebook, code: str, selector: str) -> float:
    """Milliseconds until a view that is made now has been painted."""
    notebook.py(f"show(lambda: {code})")
    _, painted = notebook.page.evaluate(PAINTED, [selector, None])
    return painted - 1000 * float(notebook.py("print(started)"))


def gone(notebook: Notebook) -> None:
    """Clear the place for the next view."""
    notebook.py("box.children = []; view.close()")
    notebook.page.wait_for_function("() => !document.querySelector('.gw-root')")


def main(rounds: int) -> None:
    """Show every view and every tab so many times, and write."""
    took: dict[str, list[float]] = {}
    with open_lab("first_paint") as notebook:
        notebook.open(SETUP)
        notebook.ran()
        for _ in range(rounds + 1):
            for name, code in VIEWS.items():
                took.setdefault(name, []).append(shown(notebook, code, ".gw-root"))
                gone(notebook)
            shown(notebook, VIEWS["workbench"], ".gw-root")
            for name in TABS:
                selector = f".gw-room:not([hidden]) .gw-{name}"
                clicked, painted = notebook.page.evaluate(PAINTED, [selector, f".gw-tab[data-tab={name}]"])
                took.setdefault(f"tab_{name}", []).append(painted - clicked)
            gone(notebook)
    figures = {
        name: {"median_ms": round(statistics.median(all_[1:])), "slowest_ms": round(max(all_[1:]))}
        for name, all_ in took.items()
    }
    write("first_paint", figures | {"rounds": rounds})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
