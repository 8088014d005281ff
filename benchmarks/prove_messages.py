"""Nothing a page says does harm, in full counts: a hundred thousand messages to the widgets, on the way real ones take.

The same as tests/widgets/test_chatter.py: `python -m benchmarks.prove_messages --count 1000`.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from benchmarks.timing import write

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "widgets")]

import chatter  # noqa: E402 - the tests' own modules
import tiny  # noqa: E402

import guidewidgets.widgets  # noqa: E402, F401 - registers the widgets
from guidewidgets import Engine, Session  # noqa: E402

MOST_MB = 1_000  # of the whole process, torch's 490 included


def main() -> None:
    """Share the messages out among the widgets and write down what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many (default 100000)")
    parser.add_argument("--name", default="messages", help="of the file of results")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        tempfile.tempdir = name
        engine = Engine.load(tiny.stable_diffusion(Path(name)))
        names = chatter.WIDGETS
        for i, widget in enumerate(names):
            session = Session("a fox", model=engine, store=Path(name) / f"trip{i}")
            session.set(steps=1)
            session.sample(6).wait()
            session.star(1)
            before = {p.name for p in Path(name).iterdir()}
            share = asked.count * (i + 1) // len(names) - asked.count * i // len(names)
            start = time.perf_counter()
            heard = chatter.chat(session, widget, share, random.Random(i))  # noqa: S311
            session.close()
            assert {p.name for p in Path(name).iterdir()} == before, "a file outside of the session"
            figures[widget] = {
                "messages": heard.messages,
                "answered": heard.answered,
                "refused_with_one_line": heard.refused,
                "seconds_max": round(heard.wall, 3),
                "cpu_seconds_max": round(heard.cpu, 3),
                "took_s": round(time.perf_counter() - start, 1),
            }
            print(widget, figures[widget], flush=True)
        figures["messages"] = sum(f["messages"] for f in figures.values())
        figures["memory_mb_at_most"] = chatter.peak_mb()
    write(asked.name, figures)
    assert figures["memory_mb_at_most"] < MOST_MB, figures


if __name__ == "__main__":
    main()
