"""What the page holds after many generations, in a real JupyterLab: heap, nodes, listeners and pictures (Blob URLs).

One workbench, used as people do: twelve pictures, then star three and press Evolve, again and again. Every fifth
generation the browser collects its garbage, and what is left is counted. Nothing is asked of the kernel meanwhile:
JupyterLab keeps a kilobyte of every question. Budget: flat after the fifth, but for the film, which gains one small
picture a generation, and the small pictures of parents, of which 300 are kept. `python -m benchmarks.page_memory [n]`
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page

from benchmarks.timing import write

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

from lab_page import open_lab  # noqa: E402 (found by the line above)
from workbench import PAINTED, Workbench, until  # noqa: E402

EVERY = 5
STEPS = 4
"""Denoising steps: the page gets its frames all the same."""
COUNTED = {"heap_mb": "JSHeapUsedSize", "nodes": "Nodes", "listeners": "JSEventListeners"}
SETUP = f"""import guidewidgets as gw
s = gw.Session("an owl", seed=1)
s.steps = {STEPS}
s"""


def held(page: Page, tools: CDPSession) -> dict[str, float]:
    """What is left after the browser's garbage was collected."""
    for _ in range(3):  # what the first lets go of may hold more
        tools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(200)
    told = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
    counts = {name: told[key] for name, key in COUNTED.items()}
    return counts | {"heap_mb": round(counts["heap_mb"] / 1e6, 2), "pictures": page.evaluate("blobUrls()")}


def grown(rows: list[dict[str, float]]) -> dict[str, float]:
    """How much of each a generation adds after the fifth: slopes of straight lines."""
    after = [row["generation"] for row in rows]
    return {
        f"{name}_a_generation": round(float(np.polyfit(after, [row[name] for row in rows], 1)[0]), 3)
        for name in (*COUNTED, "pictures")
    }


def main(generations: int) -> None:
    """Use one workbench for so many generations, count every fifth, and write."""
    with open_lab("memory", script=TESTS / "e2e" / "spy.js") as notebook:
        page = notebook.page
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable")
        notebook.open(SETUP)
        bench = Workbench(notebook)
        rows: list[dict[str, float]] = []
        for generation in range(1, generations + 1):
            if generation > 1:
                for place in (0, 4, 7):
                    bench.star(place)
            bench.press("evolve" if generation > 1 else "generate")
            newest = f"root.querySelector('.gw-tile')?.dataset.slot === '{12 * (generation - 1)}'"
            until(bench.root, f"root.dataset.job === 'idle' && {newest} && {PAINTED}", [0, 12])
            if generation % EVERY == 0:
                rows.append({"generation": generation} | held(page, tools))
                print(rows[-1], flush=True)
    figures: dict[str, Any] = {"images_a_generation": 12, "steps": STEPS, "after": rows}
    write("page_memory", figures | grown(rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
