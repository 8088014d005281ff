"""The lineage of a real session of 2,000 candidates in Chromium: first paint, and frames a second while it is used.

Pictures are made by a tiny network in one step; store, panel, messages and page are the real ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.timing import write

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "widgets_page")]

import tiny  # noqa: E402 - the tests' own modules
from bridge import ORIGIN, Bridge, serve  # noqa: E402
from browsers import launch  # noqa: E402

from guidewidgets import Engine, Session  # noqa: E402
from guidewidgets.widgets import LineagePanel  # noqa: E402

FRAMES = """([act, count]) => {
  window.measured = null;
  const box = document.querySelector('.gw-lineage-scroll');
  const root = document.querySelector('.gw-root');
  const key = (name) => document.querySelector('.gw-lineage-node').dispatchEvent(
    new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  const acts = {
    scroll: (i) => { box.scrollLeft = (i * 97) % (box.scrollWidth - box.clientWidth); },
    drag: (i) => { box.scrollLeft += i % 60 < 30 ? 14 : -14; box.scrollTop += i % 40 < 20 ? 3 : -3; },
    walk: (i) => key(i % 50 < 25 ? 'ArrowLeft' : 'ArrowRight'),
    zoom: (i) => { if (i % 6 === 0) key(i % 48 < 24 ? '-' : '+'); },
  };
  const times = [];
  const before = Number(box.dataset.painted);
  const frame = (now) => {
    times.push(now);
    if (times.length > count) {
      window.measured = { times, painted: Number(box.dataset.painted) - before };
      return;
    }
    acts[act](times.length);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def session_of(engine: Engine, folder: Path, count: int) -> Session:
    """Generations of twelve: sampled, crossed, mutated, put together."""
    session = Session("a fox", model=engine, store=folder / "trip")
    session.set(steps=1)
    session.sample(12).wait()
    while (made := sum(map(len, session.history))) < count:
        n, newest = min(12, count - made), [c.id for c in session.history[-1]]
        older = session.history[-min(8, len(session.history))][0].id
        session.star(newest[0])
        if made // 12 % 5 == 0:
            session.sample(n).wait()
        elif made // 12 % 3 == 0:
            session.mutate(newest[0], n=n).wait()
        else:
            session.cross([newest[0], newest[-1], older], n=n).wait()
    return session


def open_panel(page: Page, panel: LineagePanel) -> tuple[Bridge, float, float]:
    """Open the panel as a notebook does; seconds to the first drawing of nodes, and to all thumbnails in sight."""
    start = time.perf_counter()
    bridge = Bridge(page, panel)
    drawn = "Number(document.querySelector('.gw-lineage-scroll')?.dataset.seen) > 0"
    bridge.until(drawn, 120)
    first = time.perf_counter() - start
    seen = """(() => { const box = document.querySelector('.gw-lineage-node').getBoundingClientRect();
      const inside = ({ left, right }) => left <= box.x + 20 && box.x + 29 <= right;
      const c = [...document.querySelectorAll('.gw-lineage-canvas')].find((c) => inside(c.getBoundingClientRect()));
      if (!c) return true;  // the picture lies on two sheets
      const at = c.getBoundingClientRect(), r = devicePixelRatio;
      const d = c.getContext('2d').getImageData((box.x - at.x + 20) * r, (box.y - at.y + 20) * r, 9, 9).data;
      return new Set(d).size > 12; })()"""  # a picture has many colours, a place holder one
    bridge.until(seen, 120)
    return bridge, first, time.perf_counter() - start


def use(bridge: Bridge, act: str, count: int) -> dict[str, float]:
    """Use the panel for so many frames; the kernel's side answers meanwhile.

    Returns:
        Frames a second: all of them, and by the slowest twentieth; how often it drew; milliseconds that the page's
        thread computed per frame, which other work on the machine does not lengthen.
    """
    page = bridge.page
    page.keyboard.press("0" if act == "zoom" else "End")
    for _ in range(10):
        bridge.pump()
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def computed() -> float:
        metrics = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
        return 1000 * metrics["TaskDuration"]

    before = computed()
    page.evaluate(FRAMES, [act, count])
    bridge.until("window.measured", 300)
    computing = computed() - before
    tools.detach()
    measured = page.evaluate("window.measured")
    gaps = [b - a for a, b in itertools.pairwise(measured["times"])]
    return {
        "fps": round(1000 / statistics.mean(gaps), 1),
        "fps_of_slowest_twentieth": round(1000 / sorted(gaps)[int(0.95 * len(gaps))], 1),
        "drawn": measured["painted"],
        "page_ms_per_frame": round(computing / count, 2),
    }


def main() -> None:
    """Make the session, open its lineage several times, use it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000, help="candidates (default 2000)")
    parser.add_argument("--frames", type=int, default=240, help="of each way to use it (default 240)")
    parser.add_argument("--name", default="lineage", help="of the file of results")
    asked = parser.parse_args()
    figures: dict[str, Any] = {"candidates": asked.count}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        engine = Engine.load(tiny.stable_diffusion(Path(name)))
        session = session_of(engine, Path(name), asked.count)
        browser = launch(playwright)
        firsts: list[float] = []
        pictures: list[float] = []
        for turn in range(5):
            panel = LineagePanel(session)
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            serve(page)
            page.goto(ORIGIN)
            page.wait_for_function("window.host")
            bridge, first, whole = open_panel(page, panel)
            firsts.append(first)
            pictures.append(whole)
            if turn == 4:
                page.focus(".gw-lineage-node")
                for act in ("scroll", "drag", "walk", "zoom"):
                    figures[act] = use(bridge, act, asked.frames)
                figures["state_kb"] = round(len(json.dumps(panel.still)) / 1024, 1)
                figures["kept_thumbnails_kb"] = round(sum(map(len, panel.tiles)) / 1024, 1)
            page.close()
            panel.close()
        figures["first_paint_s"] = [round(s, 3) for s in firsts]
        figures["first_paint_median_s"] = round(statistics.median(firsts), 3)
        figures["pictures_in_sight_median_s"] = round(statistics.median(pictures), 3)
        browser.close()
        session.close()
    write(asked.name, figures)


if __name__ == "__main__":
    main()
