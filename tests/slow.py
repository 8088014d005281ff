"""Which tests `make check` leaves out because they took long: slow.txt, recorded from the results of a whole run.

`make test PYTEST_ARGS=--junitxml=results.xml`, then `python tests/slow.py results.xml`. A new test is quick until then.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")
LONG = 0.4  # seconds of the longest case of a test


def slow() -> frozenset[str]:
    """Names as in "tests/region/test_region.py::test_masks", without their cases."""
    return frozenset(FILE.read_text(encoding="utf-8").split())


def long_ones(results: Path) -> Iterable[str]:
    """Those of a JUnit file; every file keeps its quickest test, so that `make check` looks at it at all."""
    times: dict[str, dict[str, float]] = {}
    for case in ET.parse(results).iter("testcase"):  # noqa: S314 - pytest wrote it
        path = case.get("classname", "").replace(".", "/") + ".py"
        name, took = case.get("name", "").partition("[")[0], float(case.get("time", 0))
        of = times.setdefault(path, {})
        of[name] = max(took, of.get(name, 0))
    for path, of in times.items():
        quickest = min(of, key=lambda name: of[name])
        yield from (f"{path}::{name}" for name, took in of.items() if took >= LONG and name != quickest)


if __name__ == "__main__":
    FILE.write_text("\n".join(sorted(long_ones(Path(sys.argv[1])))) + "\n", encoding="utf-8")
