"""What a user waits for: the import, the first preview, twelve pictures; and the size of the bundle.

Budgets: import ≤ 0.5 s without torch; first preview ≤ 0.5 s and twelve finished images (20 steps) ≤ 6 s on two cores,
once the model is loaded.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

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
    write("start", figures)


if __name__ == "__main__":
    main()
