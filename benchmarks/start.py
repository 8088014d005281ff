"""What a user waits for: the import, the first preview, twelve pictures; and the size of the bundle.

Budgets: import ≤ 0.3 s without torch; first preview ≤ 0.2 s and twelve finished images ≤ 2 s on two quiet cores, once
the model is loaded. Beside the sampler that is shipped, in turn with it: the 20 DDIM steps it took the place of, the
same steps in bfloat16, which one has to ask for, and four steps, for which no weights of ours are made.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import guidewidgets as gw
from benchmarks.timing import seconds, write

IMPORT = """import sys, time
start = time.perf_counter()
import guidewidgets
print(time.perf_counter() - start, "torch" in sys.modules)
"""
STATIC = Path(gw.__file__).parent / "widgets" / "static"


def import_seconds() -> float:
    """Of a fresh interpreter, median of five; fails where torch came along."""
    times: list[float] = []
    for _ in range(5):
        answer = subprocess.run(
            [sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True
        ).stdout
        took, torch = answer.split()
        assert torch == "False", "import guidewidgets loads torch"
        times.append(float(took))
    return statistics.median(times)


def first_pictures(session: gw.Session) -> tuple[float, float]:
    """Seconds to the first preview of all tiles, and to twelve finished images."""
    seen = threading.Event()
    first: list[float] = []

    def listen(event: object) -> None:
        if type(event).__name__ == "StepDone" and not seen.is_set():
            first.append(time.perf_counter())
            seen.set()

    stop = session.subscribe(listen)
    start = time.perf_counter()
    session.sample(12).wait()
    whole = time.perf_counter() - start
    stop()
    return first[0] - start, whole


def beside(session: gw.Session, rounds: int) -> dict[str, float]:
    """Median seconds of twelve pictures by the session's sampler and by others, in turn; the first round warms up."""
    quick = gw.Engine.load(dtype="bfloat16")
    noise = session.engine.noise(12)

    def paint(engine: gw.Engine, **how: Any) -> float:
        return seconds(lambda: engine.render(noise, session.prompt, **how))

    ways: dict[str, Callable[[], float]] = {
        "10_steps": lambda: paint(session.engine),
        "20_ddim_steps": lambda: paint(session.engine, steps=20, sampler="ddim"),
        "10_steps_bfloat16": lambda: paint(quick),
        "4_steps": lambda: paint(session.engine, steps=4),
    }
    rows = [{name: way() for name, way in ways.items()} for _ in range(rounds + 1)][1:]
    return {
        f"12_rendered_{name}_s_median": round(statistics.median(r[name] for r in rows), 3) for name in ways
    }


def main() -> None:
    """Measure and write."""
    figures = {"import_s": round(import_seconds(), 3)}
    figures |= {f"{path.name}_bytes": path.stat().st_size for path in sorted(STATIC.glob("widget.*"))}
    holder: list[gw.Session] = []
    figures["session_s"] = round(seconds(lambda: holder.append(gw.Session("a fox on a beach"))), 3)
    runs = [first_pictures(holder[0]) for _ in range(5)]
    figures["very_first_preview_s"] = round(runs[0][0], 3)
    figures["very_first_12_images_s"] = round(runs[0][1], 3)
    figures["first_preview_s_median"] = round(statistics.median(run[0] for run in runs), 3)
    figures["12_images_s_median"] = round(statistics.median(run[1] for run in runs), 3)
    write("start", figures | beside(holder[0], 5))


if __name__ == "__main__":
    main()
