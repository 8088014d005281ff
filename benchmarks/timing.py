"""Ratios in one run: two ways of doing the same, in turn, compared pair by pair."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def pairs(ours: Callable[[], object], theirs: Callable[[], object], count: int) -> dict[str, Any]:
    """Median ratio ours / theirs over interleaved pairs, after one warm-up of each."""
    ours()
    theirs()
    rows: list[tuple[float, float]] = []
    for i in range(count):
        # The order alternates, so that a machine that slows down favours neither.
        first, second = (ours, theirs) if i % 2 else (theirs, ours)
        one, two = seconds(first), seconds(second)
        rows.append((one, two) if i % 2 else (two, one))
    ratios = sorted(a / b for a, b in rows)
    return {
        "pairs": count,
        "ratio_median": round(statistics.median(ratios), 4),
        "ratio_min": round(ratios[0], 4),
        "ratio_max": round(ratios[-1], 4),
        "ours_median_s": round(statistics.median(a for a, _ in rows), 5),
        "theirs_median_s": round(statistics.median(b for _, b in rows), 5),
    }


def write(name: str, figures: dict[str, Any]) -> None:
    """Print figures and keep them as benchmarks/results/<name>.json, with what they were measured on."""
    machine = {
        "cores": os.cpu_count(),
        "load": [round(x, 2) for x in os.getloadavg()],
        "python": platform.python_version(),
        "torch": version("torch"),
        "diffusers": version("diffusers"),
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"figures": figures, "machine": machine}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n")
    print(f"{name}: {json.dumps(figures, indent=1)}")
