"""Composition on the emoji world: sentences, AND, correctors, regions and three kinds of NOT, read by the scene reader.

    python -m benchmarks.compose_study [--counts 100] [--seeds 4] [--steps 10] [--minutes M] [--kinds pair,not] [--tell]

Every way of asking has the same trials and the same noise, so that differences are paired. The work goes round all
kinds and ways, some prompts at a time, so that a run stopped by `--minutes` has asked in all ways equally often, of
prompts that are balanced. What is done is kept in results/<name>.<kind>.jsonl as long as the model and the settings are
the same, and the study goes on from there. Processes with different `--kinds` may run at once, as these two, which
take about as long; each tells of all that is done when it ends, and `--tell` only writes these tables and the figure.

    python -m benchmarks.compose_study --kinds single,pair,triple
    python -m benchmarks.compose_study --kinds stage,relation,not

`--tuning` asks the prompts that are put aside for tuning, in the ways of compose_tuning.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.compose_figure import draw
from benchmarks.compose_kinds import CORRECTOR, SEED, Kind, kinds
from benchmarks.compose_tuning import to_tune
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.composition import Way, difference, share
from guidewidgets.vision import embedded

BATCH = 32


class Kept:
    """Marks of one kind that are done, by (way, trial), as lines of a file that one process at a time adds to."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self._path, self._about = path, about
        self.marks: dict[str, dict[str, list[int]]] = {}
        lines = path.read_text().splitlines() if path.is_file() else []
        self._same = bool(lines) and json.loads(lines[0]) == about
        if self._same:
            entries = map(json.loads, lines[1:])
            self.marks = {entry.pop("key"): entry for entry in entries}

    def add(self, entries: Mapping[str, dict[str, list[int]]]) -> None:
        """Keep marks; only now does the file lose those of another model or of other settings."""
        if not self._same:
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(json.dumps(self._about) + "\n")
            self._same = True
        with self._path.open("a") as file:
            file.write("".join(json.dumps({"key": key} | marks) + "\n" for key, marks in entries.items()))
        self.marks.update(entries)


def kept_of(name: str, about: dict[str, Any], asked: Mapping[str, Kind]) -> dict[str, Kept]:
    """What is done of every kind."""
    return {kind: Kept(RESULTS / f"{name}.{kind}.jsonl", about) for kind in asked}


def key_of(way: Way, trial: Any) -> str:
    """What a trial's marks are kept under: what was asked, in which way."""
    settings = json.dumps(way.settings, sort_keys=True) if way.settings else ""
    return f"{way.name}/{way.ask(trial)}{settings}"


def paint(engine: Engine, way: Way, trials: Sequence[Any], seeds: int, steps: int) -> Tensor:
    """Pictures (trials · seeds, 3, H, W) in [0, 1], every trial on the same few noises."""
    prompts = [way.ask(trial) for trial in trials for _ in range(seeds)]
    noise = engine.noise(seeds, seed=SEED).repeat(len(trials), 1, 1, 1)
    genomes = engine.genomes(noise, prompts, steps, None, **way.settings)
    with torch.no_grad():
        last = [*engine.sample(genomes)][-1]
        return engine.decode(last.x)


def ask(
    engine: Engine, way: Way, trials: Sequence[Any], seeds: int, steps: int
) -> list[dict[str, list[int]]]:
    """Paint every trial, read the pictures, and mark them."""
    seen = embedded.reader().read(paint(engine, way, trials, seeds, steps))
    found: list[dict[str, list[int]]] = []
    for i, trial in enumerate(trials):
        marks = [trial.marks(reading) for reading in seen[i * seeds : (i + 1) * seeds]]
        found.append({name: [int(one[name]) for one in marks] for name in marks[0]})
    return found


def work(
    engine: Engine,
    kept: Mapping[str, Kept],
    asked: Mapping[str, Kind],
    seeds: int,
    steps: int,
    stop: float,
) -> None:
    """Go round all kinds and ways, a batch of prompts at a time, until the clock (perf_counter) says stop."""
    size = max(1, BATCH // seeds)
    most = max(len(kind.trials) for kind in asked.values())
    for first in range(0, most, size):
        for name, kind in asked.items():
            part = kind.trials[first : first + size]
            for way in kind.ways:
                left = [trial for trial in part if key_of(way, trial) not in kept[name].marks]
                if not left:
                    continue
                if time.perf_counter() >= stop:
                    return
                found = ask(engine, way, left, seeds, steps)
                kept[name].add({key_of(way, t): marks for t, marks in zip(left, found, strict=True)})
        print(f"{first + size} of {most} prompts of every kind", file=sys.stderr, flush=True)


def table(kept: Kept, name: str, kind: Kind) -> list[dict[str, Any]]:
    """One line per way: shares with intervals, and the paired difference to the first way.

    Only prompts that were asked in every way count.
    """
    done = [t for t in kind.trials if all(key_of(way, t) in kept.marks for way in kind.ways)]
    if not done:
        return []

    def marks(way: Way, what: str) -> list[list[int]]:
        return [kept.marks[key_of(way, trial)][what] for trial in done]

    rows: list[dict[str, Any]] = []
    for way in kind.ways:
        right = marks(way, "right")
        row: dict[str, Any] = {"way": way.name, "prompts": len(done), "right_percent": str(share(right))}
        if way is not kind.ways[0]:
            row["points_over_first"] = str(difference(right, marks(kind.ways[0], "right")))
        for what in ("removed", "kept"):
            if name in {"not", "relation"} and what in kept.marks[key_of(way, done[0])]:
                row[f"{what}_percent"] = str(share(marks(way, what)))
        if name == "stage":
            row["right_percent_by_family"] = by_family(done, right)
        rows.append(row)
    return rows


def by_family(trials: Sequence[Any], right: Sequence[Sequence[int]]) -> dict[str, str]:
    """Shares of the trials of each family."""
    families: dict[str, list[Sequence[int]]] = {}
    for trial, marks in zip(trials, right, strict=True):
        families.setdefault(trial.family, []).append(marks)
    return {family: str(share(marks)) for family, marks in families.items()}


def tell(name: str, about: dict[str, Any], asked: Mapping[str, Kind]) -> None:
    """Write tables and figure of all that is done, by whichever process."""
    kept = kept_of(name, about, asked)
    tables = {kind: rows for kind, each in asked.items() if (rows := table(kept[kind], kind, each))}
    method = {
        "corrector": CORRECTOR,
        "interval": "95 %, percentile bootstrap over prompts, 2000 draws; differences are paired",
        "prompts planned": {kind: len(asked[kind].trials) for kind in tables},
    }
    write(name, about | method | {f"{kind}: {asked[kind].says}": rows for kind, rows in tables.items()})
    if tables:
        says = {kind: each.says for kind, each in asked.items()}
        made = f"{about['model']} · {about['sampler']}, {about['steps']} steps"
        caption = f"{made}, {about['seeds']} noises per prompt"
        draw(tables, says, caption).savefig(RESULTS / f"{name}.png", dpi=110)


def main() -> None:
    """Ask, read, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, default=100, help="prompts of each kind")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=None, help="stop cleanly after so many")
    parser.add_argument(
        "--kinds", default="", help="some of single,pair,stage,relation,triple,not; all without"
    )
    parser.add_argument("--model", default=None, help="folder; the embedded model without")
    parser.add_argument(
        "--name", default=None, help="of the results; compose_study or compose_tuning without"
    )
    parser.add_argument("--tuning", action="store_true", help="ask the prompts that are put aside for it")
    parser.add_argument("--tell", action="store_true", help="only write tables and figure of what is done")
    a = parser.parse_args()
    engine = Engine.load(a.model)
    about = {"model": engine.name, "sampler": engine.sampler, "seeds": a.seeds, "steps": a.steps}
    about["guidance"] = engine.vocabulary.guidance
    folder, name = (
        Path(a.model) if a.model else None,
        a.name or f"compose_{'tuning' if a.tuning else 'study'}",
    )
    asked = to_tune(folder, a.counts) if a.tuning else kinds(folder, a.counts)
    chosen = {kind: asked[kind] for kind in a.kinds.split(",") if kind} or asked
    if not a.tell:
        stop = float("inf") if a.minutes is None else time.perf_counter() + 60 * a.minutes
        work(engine, kept_of(name, about, chosen), chosen, a.seeds, a.steps, stop)
    tell(name, about, asked)


if __name__ == "__main__":
    main()
