"""Which sketches, asked at which noise level, pick best at no more than two and a half times a picture's cost?

    python -m benchmarks.pick_tuning [--noises 6] [--minutes M]

For the study of picking, on nouns that the study never asks about. Every noise is walked in a few long strides, and the
whole way; after 2 to 6 of its steps the guess of the finished picture is kept. Lift is asked of all these at four noise
levels. What each setting would cost is counted in rows of the network for one picture of `of`: a sketch is thrown away,
a walk that is culled goes on. About 6 minutes of one core.
"""

from __future__ import annotations

import argparse
import itertools
from typing import Any

import numpy as np
import torch

from benchmarks.guided import Diary, Scores, TimeUpError
from benchmarks.pick_measure import ASKS, BUDGET, by_picture, held, held_parts, right, seen, walked
from benchmarks.pick_prompts import dealt, in_turn, named, pairs, triples
from benchmarks.pick_reliability import fitted
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.composition import Trial
from guidewidgets.guide.lift import LEVELS
from guidewidgets.session.operators.pick import ROUGH_LEVELS, ROUGH_STRIDES
from guidewidgets.vision.reader import PRESENT

STRIDES, STEPS, EARLY = (2, 3, 4), (3, 4, 5), 0.5
"""Lengths of sketches, steps that a walk is culled after, and the level that only finished pictures are asked at."""
TRIPLES = 8
PARTS_TOO = {"4 strides"}
"""Where the sentences' nouns are looked for one by one as well."""


def measured(engine: Engine, ask: str, trial: Trial, noises: int, seed: int) -> Scores:
    """All lifts of a prompt's noises, and what the reader sees in the finished pictures."""
    genomes = engine.genomes(engine.noise(noises, seed), ASKS[ask](trial))
    prompts = [genome.prompt for genome in genomes]
    with torch.no_grad():
        steps = list(engine.sample(genomes))
    begun = {f"{m} strides": walked(engine, genomes, m) for m in STRIDES}
    begun |= {f"step {k}": steps[k - 1].denoised for k in STEPS}
    begun["finished"] = steps[-1].x
    images = engine.decode(steps[-1].x)
    found: Scores = {"seen": seen(images, trial)}
    for (name, z), (j, level) in itertools.product(begun.items(), enumerate(LEVELS)):
        if level == EARLY and name != "finished":
            continue
        if ask != "parts":
            found[f"{name} @{level}"] = held(engine, z, prompts, [level], seed + j)
        if ask == "parts" or name in PARTS_TOO:
            of = " of the parts" if ask != "parts" else ""
            found[f"{name} @{level}{of}"] = held_parts(engine, z, trial, [level], seed + j)
    return found


def cost(name: str, of: int, levels: int, steps: int) -> float:
    """Rows for one picture of `of`, in those of one picture: concepts cancel out."""
    kind, number = name.split() if name != "finished" else ("finished", steps)
    if kind == "step":
        return (of * (int(number) + levels) + steps - int(number)) / steps
    if kind == "finished":
        return of * (steps + levels) / steps
    return (of * (int(kind) + levels) + steps) / steps


def chosen(least: np.ndarray, good: np.ndarray, of: int) -> float:
    """How often the picture of the most lift is right, over all draws of `of` noises out of (n,)."""
    draws = np.array(list(itertools.combinations(range(len(good)), of)))
    best = draws[np.arange(len(draws)), least[draws].argmax(1)]
    return float(good[best].mean())


def table(rows: list[Scores], noises: int, steps: int) -> list[dict[str, Any]]:
    """Every setting within the budget, best first."""
    good = [right(by_picture(row, "seen", noises)) for row in rows]
    names = [f"{m} strides" for m in STRIDES] + [f"step {k}" for k in STEPS] + ["finished"]
    told: list[dict[str, Any]] = []
    wholes = [levels for k in (1, 2, 4) for levels in itertools.combinations(LEVELS, k)]
    for name, levels, whom in itertools.product(names, wholes, ("", " of the parts")):
        if any(f"{name} @{level}{whom}" not in rows[0] for level in levels):
            continue
        least = [
            np.mean([by_picture(row, f"{name} @{level}{whom}", noises) for level in levels], 0).min(1)
            for row in rows
        ]
        of = max((n for n in range(2, 7) if cost(name, n, len(levels), steps) <= BUDGET), default=0)
        told += [
            {
                "by": f"{name}{whom}",
                "levels": list(levels),
                "of": n,
                "cost": round(cost(name, n, len(levels), steps), 2),
                "right": round(
                    float(np.mean([chosen(a, b, n) for a, b in zip(least, good, strict=True)])), 4
                ),
            }
            for n in ({of} if of else set[int]()) | {3}
        ]
    return sorted(told, key=lambda one: -one["right"])


def curves(rows: list[Scores]) -> dict[str, tuple[float, float]]:
    """What makes lifts of single nouns chances, of sketches as `ByHolds` looks at them and of finished pictures."""
    there = np.concatenate([row["seen"] for row in rows]) > PRESENT
    looks = {
        "sketch": (f"{ROUGH_STRIDES} strides", ROUGH_LEVELS),
        "finished, all levels": ("finished", LEVELS),
    }
    return {
        name: fitted(
            np.concatenate([np.mean([row[f"{of} @{level}"] for level in levels], 0) for row in rows]), there
        )
        for name, (of, levels) in looks.items()
    }


def options(text: str | None) -> argparse.Namespace:
    """Noises a prompt, and minutes at most."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noises", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    return parser.parse_args()


def main() -> None:
    """Measure, or go on; then tell."""
    a = options(__doc__)
    torch.set_num_threads(1)
    engine = Engine.load()
    steps = engine.genomes(engine.noise(1), "")[0].steps
    nouns, _ = dealt()
    trials = in_turn(pairs(nouns, 100), triples(nouns, TRIPLES))
    about = {"model": engine.revision, "noises": a.noises, "prompts": named(trials)}
    diary = Diary(RESULTS / "pick_tuning.jsonl", about, fresh=False, minutes=a.minutes)
    done: dict[str, list[Scores]] = {}
    try:
        for i, trial in enumerate(trials):
            for ask in ASKS:
                key = f"{ask}/{' '.join(trial.wanted)}"
                row = diary.get(
                    key,
                    lambda ask=ask, trial=trial, i=i: measured(engine, ask, trial, a.noises, 7000 + 10 * i),
                )
                done.setdefault(f"{trial.group}, {ask}", []).append(row)
    except TimeUpError:
        print("the minutes are over")
    figures: dict[str, Any] = about | {"cpu_seconds": round(diary.spent)}
    for name, rows in done.items():
        one = float(np.mean([right(by_picture(row, "seen", a.noises)).mean() for row in rows]))
        every = table(rows, a.noises, steps)
        figures[name] = {
            "prompts": len(rows),
            "one picture": round(one, 4),
            "within the budget": [row for row in every if row["cost"] <= BUDGET][:16],
            "finished": [row for row in every if row["by"].startswith("finished") and row["of"] == 3][:4],
        }
    figures["curves"] = curves([row for name, rows in done.items() if "parts" in name for row in rows])
    write("pick_tuning", figures)


if __name__ == "__main__":
    main()
