"""Make every table and figure anew that README, documentation and notebooks quote: `make evidence`.

Each script runs in a process of its own and writes benchmarks/results/<name>.json; what each cost is kept in
results/costs.json. What is done at this commit is not done again, so an interrupted run goes on where it was, and the
long studies keep diaries of their own. `--list` says what would run, and what it cost the last time.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.timing import RESULTS

HERE = Path(__file__).parent
COSTS = RESULTS / "costs.json"
OPTIONS = {
    name: ["--dtype", "float32"]
    for name in (
        *("doodl_study", "gradient_study", "pair_study", "personal_study"),
        *("repair_again", "repair_study", "reward_study"),
    )
}


def scripts() -> list[str]:
    """All that can be run, but this one."""
    return sorted(
        path.stem for path in HERE.glob("*.py") if path != Path(__file__) and "__main__" in path.read_text()
    )


def costs() -> dict[str, dict[str, Any]]:
    """Script → commit, and seconds of the processor and of the clock."""
    return json.loads(COSTS.read_text(encoding="utf-8")) if COSTS.is_file() else {}


def commit() -> str:
    """The one that is checked out."""
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()


def run(name: str) -> dict[str, Any] | None:
    """What a script cost; None where it failed."""
    begun, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", f"benchmarks.{name}", *OPTIONS.get(name, [])]
    if subprocess.run(command, cwd=HERE.parent, check=False).returncode:
        return None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return {"commit": commit(), "cpu_s": round(spent), "wall_s": round(time.monotonic() - begun)}


def main() -> None:
    """Run what is not done; end with 1 if something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="all again, done or not")
    told = parser.parse_args()
    if unknown := set(told.names) - set(scripts()):
        parser.error(f"no script {', '.join(sorted(unknown))}: expected some of {', '.join(scripts())}")
    now, failed = commit(), list[str]()
    for name in told.names or scripts():
        known = costs()
        done = known.get(name, {}).get("commit") == now and not told.fresh
        if told.list:
            cost = known.get(name)
            print(f"{name}: {'done' if done else 'to do'}, {cost['cpu_s'] if cost else '?'} s of a processor")
        elif not done:
            if cost := run(name):
                COSTS.write_text(json.dumps(costs() | {name: cost}, indent=1, sort_keys=True) + "\n")
            else:
                failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
