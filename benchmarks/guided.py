"""What the studies of optimisation share: tasks and ways, trials kept line by line, paired differences.

A study is a list of tasks, each of several ways to make pictures of the same prompt and noise, so that differences are
paired; intervals are over prompts. Work goes task by task through all ways, so that one stopped by `--minutes` is a
smaller study, not a lopsided one; started again it goes on. Several processes share the work as `--share 1/2` and
`--share 2/2`, each with a diary of its own; the last one to end tells the results of all.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.engine.weights import fingerprint
from guidewidgets.vision import embedded

DRAWS = 4000
Scores = dict[str, list[float]]
"""By name, one number per seed."""
Unit = dict[str, Scores]
"""Way → its scores, of one task."""


class TimeUpError(Exception):
    """The minutes are over; what is finished is told."""


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt of one part of a study: ways to make its pictures (seeds, 3, H, W), and how they are scored."""

    part: str
    name: str
    ways: Mapping[str, Callable[[], Tensor]]
    score: Callable[[Tensor], Scores]

    def key(self, way: str) -> str:
        """Where the scores of a way are noted."""
        return f"{self.part}/{self.name}/{way}"


def options(
    doc: str | None,
    counts: int,
    steps: int,
    sampling_steps: int,
    seeds: int = 4,
    parts: Sequence[str] = (),
) -> argparse.Namespace:
    """Arguments that all studies take; `parts` are those that can be asked alone."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, default=counts, help="prompts")
    parser.add_argument("--seeds", type=int, default=seeds, help="of each prompt, done side by side")
    parser.add_argument("--steps", type=int, default=steps, help="updates")
    parser.add_argument("--sampling-steps", type=int, default=sampling_steps)
    parser.add_argument("--dtype", default=own_dtype(), help="of the weights; latents and scores are float32")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these, and tell")
    parser.add_argument(
        "--share", type=share, default=(1, 1), metavar="K/N", help="every N-th task from the K-th"
    )
    parser.add_argument("--fresh", action="store_true", help="begin again")
    if parts:
        parser.add_argument("--parts", nargs="+", choices=parts, default=parts, help="ask these alone")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def own_dtype() -> str:
    """bfloat16 where the processor multiplies matrices of it (AMX), else float32: without, bfloat16 is far slower."""
    return "bfloat16" if torch.cpu.get_capabilities().get("amx_bf16") else "float32"


def share(text: str) -> tuple[int, int]:
    """K and N of "K/N".

    Raises:
        ValueError: not 1 ≤ K ≤ N.
    """
    mine, of = map(int, text.split("/"))
    if not 1 <= mine <= of:
        message = f"--share {text}: expected 1 ≤ K ≤ N"
        raise ValueError(message)
    return mine, of


def settings(engine: Engine, told: argparse.Namespace) -> dict[str, Any]:
    """What a diary is valid for: all weights, and how they are used."""
    eyes = [embedded.guide().model, embedded.judge().model]
    eyes += [net for make in (embedded.classifier, embedded.reader) for net in modules(make())]
    numbers = {name: getattr(told, name) for name in ("seeds", "steps", "sampling_steps", "dtype")}
    return numbers | {"model": engine.revision, "eyes": fingerprint(eyes)}


def modules(holder: object) -> list[torch.nn.Module]:
    """The networks an object holds."""
    return [value for value in vars(holder).values() if isinstance(value, torch.nn.Module)]


class Diary:
    """Results by key, one JSON line each: an interrupted study goes on where it was.

    Files beside it, `<name>.<anything>.jsonl`, are read as well: other processes keep theirs there.
    """

    def __init__(
        self, path: Path, settings: dict[str, Any], *, fresh: bool, minutes: float = float("inf")
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.spent = 0.0  # seconds of the CPU on what is in it
        self._settings = settings
        self._end = time.monotonic() + 60 * minutes
        self._rows: dict[str, Scores] = {}
        if fresh or not path.is_file() or not self._read(path):
            path.write_text(json.dumps(settings) + "\n")

    def _read(self, path: Path) -> bool:
        lines = path.read_text().splitlines()
        if not lines or json.loads(lines[0]) != self._settings:
            print(f"{path.name} is of other settings: left out")
            return False
        for line in lines[1:]:
            row = json.loads(line)
            if row["key"] not in self._rows:
                self._rows[row["key"]] = row["scores"]
                self.spent += row["seconds"]
        return True

    def read_others(self) -> None:
        """What other processes have noted by now."""
        stem = self.path.name.partition(".")[0]
        for other in sorted(self.path.parent.glob(f"{stem}.*jsonl")):
            if other != self.path:
                self._read(other)

    def found(self, key: str) -> Scores | None:
        """What is noted under a key."""
        return self._rows.get(key)

    def get(self, key: str, make: Callable[[], Scores]) -> Scores:
        """What is noted under a key; made and noted where it is not.

        Raises:
            TimeUpError: it would have to be made, and the minutes are over.
        """
        if key not in self._rows:
            if time.monotonic() > self._end:
                raise TimeUpError
            begun = time.process_time()
            scores = {name: [round(float(v), 6) for v in values] for name, values in make().items()}
            seconds = round(time.process_time() - begun, 2)
            with self.path.open("a") as file:
                file.write(json.dumps({"key": key, "seconds": seconds, "scores": scores}) + "\n")
            self._rows[key] = scores
            self.spent += seconds
        return self._rows[key]


def study(name: str, told: argparse.Namespace, settings: dict[str, Any], tasks: Sequence[Task]) -> Diary:
    """Work through a process's share of the tasks, until the minutes are over; the diary then knows of all shares."""
    mine, of = told.share
    path = told.out / (f"{name}.jsonl" if of == 1 else f"{name}.{mine}of{of}.jsonl")
    diary = Diary(path, settings, fresh=told.fresh, minutes=told.minutes)
    if not told.fresh:
        diary.read_others()  # what they have made is not made again
    try:
        for task in tasks[mine - 1 :: of]:
            for way, make in task.ways.items():
                diary.get(task.key(way), lambda task=task, make=make: task.score(make()))
    except TimeUpError:
        print("the minutes are over")
    diary.read_others()
    return diary


def done(diary: Diary, tasks: Sequence[Task], part: str) -> dict[str, Unit]:
    """By name, the tasks of a part of which every way is noted."""
    rows = {
        task.name: {way: diary.found(task.key(way)) for way in task.ways}
        for task in tasks
        if task.part == part
    }
    return {
        name: {way: scores for way, scores in unit.items() if scores is not None}
        for name, unit in rows.items()
        if None not in unit.values()
    }


def paired(ours: Sequence[float], theirs: Sequence[float], blocks: Sequence[int]) -> dict[str, Any]:
    """Mean of ours - theirs with a 95 % bootstrap interval over blocks (prompts), and the share of wins.

    Where no block differs from another, draws from them have no width, and there is no interval.
    """
    difference = np.asarray(ours, float) - np.asarray(theirs, float)
    _, place = np.unique(np.asarray(blocks), return_inverse=True)
    sums, counts = np.bincount(place, difference), np.bincount(place)
    drawn = np.random.default_rng(0).integers(0, len(sums), (DRAWS, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    ends = [round(float(end), 4) for end in np.quantile(means, [0.025, 0.975])]
    return {
        "n": len(difference),
        "blocks": len(sums),
        "mean": round(float(difference.mean()), 4),
        "interval": ends if np.ptp(sums / counts) > 1e-12 else None,
        "wins": round(float(((difference > 0) + 0.5 * (difference == 0)).mean()), 3),
    }


def table(done: Sequence[Unit], ours: str) -> dict[str, Any]:
    """Means by score and way, and what `ours` has before each other way; `done`: way → scores, prompt by prompt."""
    if not done:
        return {"prompts": 0}
    told: dict[str, Any] = {"prompts": len(done)}
    for score in done[0][ours]:
        flat = {way: [v for unit in done for v in unit[way][score]] for way in done[0]}
        blocks = [i for i, unit in enumerate(done) for _ in unit[ours][score]]
        told[score] = {way: round(sum(values) / len(values), 4) for way, values in flat.items()}
        for way, values in flat.items():
            if way != ours:
                told[score][f"{ours} - {way}"] = paired(flat[ours], values, blocks)
    return told


def finish(name: str, figures: dict[str, Any], out: Path) -> None:
    """Print, and keep where results are kept; elsewhere as plain JSON."""
    if out == RESULTS:
        write(name, figures)
    else:
        (out / f"{name}.json").write_text(json.dumps(figures, indent=1))
        print(json.dumps(figures, indent=1))
