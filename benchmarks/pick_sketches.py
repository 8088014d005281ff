"""How long must a sketch be until lift knows what the finished picture will show?

    python -m benchmarks.pick_sketches [--minutes M]

Looked at after the study of picking had begun, to say why sketches of four strides pick no better than they do; on
pairs of the tuning's nouns, so that it may choose settings for another study. The scene reader looks at the sketches
too: where it sees in them what it sees in the finished picture, and lift does not, lift is to blame, else the sketch.
About 4 minutes of one core.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.guided import Diary, Scores, TimeUpError
from benchmarks.pick_measure import ASKS, by_picture, held_parts, right, seen, walked
from benchmarks.pick_prompts import dealt, pairs
from benchmarks.pick_reliability import area
from benchmarks.pick_tuning import chosen, options
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.composition import Trial
from guidewidgets.guide.lift import LEVELS
from guidewidgets.vision.reader import PRESENT

LOOKS: dict[str, tuple[int, Sequence[float]]] = {
    "4 strides": (4, (0.6,)),
    "5 strides, four levels": (5, LEVELS),
    "6 strides": (6, (0.6,)),
    "8 strides": (8, (0.6,)),
    "finished": (10, (0.6,)),
}
"""Strides, and the levels that lift is asked at: as the study has it, as sessions had it before, and longer."""
WHOLE = 10


def looked_at(engine: Engine, ask: str, trial: Trial, noises: int, seed: int, look: str) -> Scores:
    """Lifts of a prompt's sketches, and what the reader sees in them."""
    strides, levels = LOOKS[look]
    z = walked(engine, engine.genomes(engine.noise(noises, seed), ASKS[ask](trial)), strides)
    return {"lift": held_parts(engine, z, trial, levels, seed + 1), "seen": seen(engine.decode(z), trial)}


def told(rows: list[dict[str, Scores]], noises: int) -> dict[str, Any]:
    """By look: how well lift and the reader foretell from it what is seen when the picture is finished."""
    there = every(rows, "finished", "seen") > PRESENT
    good = [right(by_picture(row["finished"], "seen", noises)) for row in rows]
    table: dict[str, Any] = {"prompts": len(rows), "one picture": round(float(np.mean(good)), 4)}
    for look, (strides, levels) in LOOKS.items():
        lift, read = every(rows, look, "lift"), every(rows, look, "seen")
        table[look] = {
            "area under the curve, lift": round(area(lift, there), 3),
            "the same, for what is seen in the sketch itself": round(area(lift, read > PRESENT), 3),
            "the same, of the reader's look at the sketch": round(area(read, there), 3),
            "nouns seen in the sketch": round(float((read > PRESENT).mean()), 3),
            "nouns seen when finished": round(float(there.mean()), 3),
        }
        for n, by in itertools.product((2, 3), ("lift", "seen")):
            least = [by_picture(row[look], by, noises).min(1) for row in rows]
            share = float(np.mean([chosen(a, b, n) for a, b in zip(least, good, strict=True)]))
            walks = n * (strides + len(levels)) + (WHOLE if strides < WHOLE else 0)
            table[look][f"right, of {n} by {by}"] = {"cost": walks / WHOLE, "right": round(share, 4)}
    return table


def every(rows: list[dict[str, Scores]], look: str, name: str) -> np.ndarray:
    """A score of all nouns of all pictures."""
    return np.concatenate([row[look][name] for row in rows])


def main() -> None:
    """Measure, or go on, and tell."""
    a = options(__doc__)
    torch.set_num_threads(1)
    engine = Engine.load()
    nouns, _ = dealt()
    trials = pairs(nouns, 100)
    about = {"model": engine.revision, "noises": a.noises}
    diary = Diary(RESULTS / "pick_sketches.jsonl", about, fresh=False, minutes=a.minutes)
    done: dict[str, list[dict[str, Scores]]] = {ask: [] for ask in ASKS}
    try:
        for (i, trial), ask in itertools.product(enumerate(trials), ASKS):
            key, given = f"{ask}/{' '.join(trial.wanted)}", (engine, ask, trial, a.noises, 8000 + 10 * i)
            row = {look: diary.get(f"{key}/{look}", partial(looked_at, *given, look)) for look in LOOKS}
            done[ask].append(row)
    except TimeUpError:
        print("the minutes are over")
    write("pick_sketches", about | {ask: told(rows, a.noises) for ask, rows in done.items() if rows})


if __name__ == "__main__":
    main()
