"""Make every table and figure anew that README, documentation and notebooks quote: `make evidence`.

Each script runs in a process of its own and writes benchmarks/results/<name>.json; what each cost is kept in
results/costs.json. What is done at this commit is not done again, so an interrupted run goes on where it was, and the
long studies keep diaries of their own. It begins with what it is going to run; `--list` says that alone, and what each
cost the last time.
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
        *("repair_again", "repair_study", "reward_study", "search_study"),
    )
}
BY_HAND = {
    "compose_models": "wants a folder of older weights",
    "words_blind": "wants names that somebody wrote down",
}


def scripts() -> list[str]:
    """All that can be run, but this one and those that want something first."""
    names = {path.stem for path in HERE.glob("*.py") if "__main__" in path.read_text()}
    return sorted(names - {Path(__file__).stem} - BY_HAND.keys())


def costs() -> dict[str, dict[str, Any]]:
    """Script → commit, and seconds of the processor and of the clock."""
    return json.loads(COSTS.read_text(encoding="utf-8")) if COSTS.is_file() else {}


def noted(name: str) -> object:
    """What a script's file says that it cost, where nothing else does."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text())["figures"].get("cpu_seconds", "?") if path.is_file() else "?"


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
    asked = told.names or scripts()
    for name in asked:
        known = costs().get(name, {"cpu_s": noted(name)})
        done = known.get("commit") == now and not told.fresh
        print(f"{name}: {'done' if done else 'to do'}, {known['cpu_s']} s of a processor")
    for name, why in BY_HAND.items():
        print(f"{name}: by hand, {why}", flush=True)
    for name in [] if told.list else asked:
        if costs().get(name, {}).get("commit") == now and not told.fresh:
            continue
        if cost := run(name):
            COSTS.write_text(json.dumps(costs() | {name: cost}, indent=1, sort_keys=True) + "\n")
        else:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
