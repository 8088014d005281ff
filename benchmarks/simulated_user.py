"""Somebody with a scene in mind picks the 3 nearest of 12 images, round after round: how many images until it is near?

    python -m benchmarks.simulated_user [--targets 24] [--minutes 30] [--ways "Voronoi,random"]

The user sees through `judge`'s eyes and says only the things of the scene; place, colours, sizes and positions have to
be found by picking. "Near" is, for each scene, the similarity that one random image in 120 reaches, told from a pool of
random images of its own: somebody who re-rolls finds one in ten batches on average. Favourites that are shown again
count as images looked at. Pictures are painted in few strides of the model's usual walk and in bf16, the same for all
ways. All users of a scene are painted together, scene after scene; every scene is written down when it is done, so that
a run that is stopped, or out of minutes, leaves every way with the same scenes, and the next goes on from there.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.study import report
from benchmarks.study.targets import targets
from benchmarks.study.walk import BATCH, DICE, Eyes, pool, walk
from benchmarks.study.ways import WAYS
from guidewidgets.engine import Engine
from guidewidgets.session.operators.suggest import POOL
from guidewidgets.vision.embedded import judge

NOTES = Path(__file__).parent / "results" / "simulated_user_runs.json"


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--pool", type=int, default=359, help="random images that tell what is near")
    parser.add_argument("--strides", type=int, default=6, help="of the usual walk, for every picture")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="begin no scene that would end later"
    )
    parser.add_argument("--notes", type=Path, default=NOTES)
    options = parser.parse_args(arguments)
    eyes = Eyes(Engine.load(dtype=torch.bfloat16), options.strides, judge())
    # What is noted belongs to these weights and settings; under others all is made anew.
    parts = (eyes.engine.revision, options.strides, options.rounds, options.pool, POOL)
    key = " ".join(map(str, parts))
    notes: dict[str, Any] = json.loads(options.notes.read_text()) if options.notes.exists() else {}
    if notes.get("key") != key:
        notes = {"key": key, "runs": {}}
    start, longest = time.perf_counter(), 0.0
    for target in targets(options.targets, eyes.engine.vocabulary.words):
        runs = notes["runs"].get(str(target.index), {"prompt": target.prompt})
        todo = [name for name in (*options.ways.split(","), DICE) if name not in runs]
        if not todo and "pool" in runs:
            continue
        begun = time.perf_counter()
        if begun - start + longest > 60 * options.minutes:
            break
        if "pool" not in runs:
            runs["pool"] = pool(eyes, target, options.pool)
        notes["runs"][str(target.index)] = runs | walk(eyes, target, todo, options.rounds)
        _write(options.notes, notes)
        spent = time.perf_counter() - begun
        longest = max(longest, spent)
        print(f"{target.index} {target.prompt!r}: {spent:.0f} s", flush=True)
    return report.write_report(notes["runs"], BATCH, options)


def _write(path: Path, notes: dict[str, Any]) -> None:
    """The old notes or the new, never half of them."""
    path.parent.mkdir(exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(notes))
    half.replace(path)


if __name__ == "__main__":
    main()
