"""Do `s.sample(1, of=…)`'s whole pictures find what the study of picking said, on prompts that it never asked?

    python -m benchmarks.pick_whole [--minutes M] [--tell]

Registered: written and committed before the run.

*Why.* `pick_study` found the better of two whole pictures (2.2 times one picture's rows) as good as one of three
sketches (2.5) for pairs, and 8.1 points better for triples. So `sample(…, of=…)` paints up to four for each that is
kept to the end, and culls by sketches only beyond, where two for each that is kept go on (`session.operators.pick`).
The four was chosen on the tuning's nouns (19 pairs, 14 triples, 6 noises; `orders`): four whole (4.4) were right in
99 % and 81 %, the best of six culled to two (5.2) in 95 % and 79 %, so that culling only pays where painting all
costs far more. Looked at there too, and left: lift from what the walk has predicted anyway, free and of the prompt's
own terms: of two pictures 81 % (parts; asked anew 84 %) and 91 % (orders; 97 %), since sentences are not nouns.

*Prompts.* One noun that settings were chosen on with one (pairs) or two (triples) that `pick_study` asked about, so
that neither it nor the tuning has asked any of them: 12 pairs no training picture shows, 12 triples with such a pair.
Both ways of asking for pairs, `orders` for triples; 4 trials of 6 noises each. The nouns are not new, the prompts
are. Hash of the list: `91282099224c`.

*Ways.* One picture (1; the mean over the noises); one of three sketches, as it was (2.5); one of two (2.2), three (3.3)
and four (4.4) whole pictures; one of six culled by sketches to two (5.2). Lift of the nouns at one level. The scene
reader counts and picks nothing.

*What would count.* With 12 prompts intervals are wide, so: borne out, where two whole minus three sketches is not
below 0 with its whole interval, in any of the three; contradicted, where it is. The cost, counted in a session on
eight of the prompts, must be the table's to the row; the session must keep the picture that the arithmetic keeps.
Told besides: each way over one picture, four whole minus six culled. About 8 minutes of one core.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.guided import Diary, Scores, TimeUpError
from benchmarks.pick_cost import counted
from benchmarks.pick_measure import ASKS, TRIALS, by_picture, held_parts, right, seen, walked
from benchmarks.pick_prompts import dealt, in_turn, named
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.engine.model.text_cache import TextCache
from guidewidgets.evaluate.asks import phrase
from guidewidgets.evaluate.composition import PART, Trial, difference, pair_trials, share, triple_trials
from guidewidgets.session import Session
from guidewidgets.session.operators.pick import CULLED, ROUGH_LEVELS, ROUGH_STRIDES
from training.world.nouns import kept_apart

SEED, COUNT, NOISES, STEPS = 2811, 12, 6, 10
ONE, SKETCHED, BEST = "one picture", "one of three sketches, as it was", "one of {} whole pictures"
CULL = "one of six, culled by sketches to two"
COUNTED, SECONDS = 8, 120.0


def prompts() -> list[Trial]:
    """Pairs and triples in turn."""
    tuned, asked = dealt()
    pairs = [pair for pair in itertools.product(tuned, asked) if kept_apart(*pair)]
    triples = [(a, b, c) for a, b in pairs for c in asked if c != b][:: len(asked) // 4]
    return in_turn(pair_trials(pairs, COUNT, "pair", SEED), triple_trials(triples, COUNT, "triple", SEED))


def measured(engine: Engine, ask: str, trial: Trial, seed: int) -> Scores:
    """Lift of the nouns in sketches and pictures of all noises, and what the reader sees."""
    genomes = engine.genomes(engine.noise(TRIALS * NOISES, seed), ASKS[ask](trial))
    sketches, z = walked(engine, genomes, ROUGH_STRIDES), walked(engine, genomes)
    return {
        "seen": seen(engine.decode(z), trial),
        "sketch": held_parts(engine, sketches, trial, ROUGH_LEVELS, seed + 1),
        "finished": held_parts(engine, z, trial, ROUGH_LEVELS, seed + 1),
    }


def ways(scores: Scores) -> dict[str, list[float]]:
    """Way → whether the picture it keeps is right, trial by trial, or the chance of it."""
    count = TRIALS * NOISES
    good = right(by_picture(scores, "seen", count)).reshape(TRIALS, NOISES)
    rough, whole = (
        by_picture(scores, k, count).min(1).reshape(TRIALS, NOISES) for k in ("sketch", "finished")
    )
    told: dict[str, list[float]] = {ONE: good.mean(1).tolist()}
    rows = np.arange(TRIALS)
    told[SKETCHED] = good[rows, rough[:, :3].argmax(1)].astype(float).tolist()
    for n in (2, 3, 4):
        told[BEST.format(n)] = good[rows, whole[:, :n].argmax(1)].astype(float).tolist()
    left = np.where((-rough).argsort(1, "stable").argsort(1) < CULLED, whole, -np.inf)
    return told | {CULL: good[rows, left.argmax(1)].astype(float).tolist()}


def costs() -> dict[str, float]:
    """Rows of the denoiser in those of one picture."""
    look, rough = len(ROUGH_LEVELS) / STEPS, ROUGH_STRIDES / STEPS
    told = {ONE: 1.0, SKETCHED: 3 * (rough + look) + 1}
    told |= {BEST.format(n): n * (1 + look) for n in (2, 3, 4)}
    return {
        way: round(cost, 3) for way, cost in (told | {CULL: 6 * (rough + look) + CULLED * (1 + look)}).items()
    }


def table(rows: Sequence[Scores]) -> dict[str, Any]:
    """Shares of all ways, and their differences, with intervals over prompts."""
    marks = {way: [ways(row)[way] for row in rows] for way in ways(rows[0])}
    two, four = BEST.format(2), BEST.format(4)
    return {
        "prompts": len(rows),
        "right_percent": {way: str(share(some)) for way, some in marks.items()},
        "points_over_one": {
            way: str(difference(some, marks[ONE])) for way, some in marks.items() if way != ONE
        },
        "two whole minus three sketches": str(difference(marks[two], marks[SKETCHED])),
        "four whole minus six culled": str(difference(marks[four], marks[CULL])),
    }


def spent(engine: Engine, trials: Sequence[Trial]) -> dict[str, Any]:
    """Rows and processor seconds of a session, one picture kept of 1, 2, 3, 4 and 6; and that it keeps the right one.

    Raises:
        AssertionError: it keeps another picture than the arithmetic does.
    """
    nets = [engine.network.module]
    rows: dict[int, list[int]] = {}
    took: dict[int, list[float]] = {}
    for seed, trial in enumerate(trials):
        parts = [PART.format(phrase(noun)) for noun in trial.wanted]
        prompt, order = ASKS["orders"](trial), (1, 2, 3, 4, 6)
        for of in order if seed % 2 else order[::-1]:  # what comes first would pay for warming up
            engine.network.texts = TextCache(engine.network.family)  # as with a prompt that is new
            with closing(Session(prompt, model=engine)) as session, counted(nets) as asked:
                begun = time.process_time()
                how: dict[str, Any] = {"of": of, "pick": parts} if of > 1 else {}
                (made,) = session.sample(1, seed=seed, **how).wait(SECONDS)
                took.setdefault(of, []).append(time.process_time() - begun)
                rows.setdefault(of, []).append(asked[0])
            if of in (2, 3, 4):
                z = walked(engine, engine.genomes(engine.noise(of, seed), prompt))
                least = np.reshape(held_parts(engine, z, trial, ROUGH_LEVELS, seed + 1), (of, -1)).min(1)
                assert made.recipe.parameters["index"] == int(least.argmax())
    return {
        str(of): {
            "rows": statistics.mean(rows[of]),
            "times as many": round(statistics.mean(a / b for a, b in zip(rows[of], rows[1], strict=True)), 3),
            "processor seconds, median": round(statistics.median(took[of]), 3),
            "times as long, median": round(
                statistics.median(a / b for a, b in zip(took[of], took[1], strict=True)), 2
            ),
        }
        for of in sorted(rows)
    }


def main() -> None:
    """Measure, or go on, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these, and tell")
    parser.add_argument("--tell", action="store_true", help="only of what is done")
    a = parser.parse_args()
    torch.set_num_threads(1)
    engine, trials = Engine.load(), prompts()
    about = {"model": engine.revision, "prompts": named(trials), "trials": TRIALS, "noises": NOISES}
    diary = Diary(RESULTS / "pick_whole.jsonl", about, fresh=False, minutes=0 if a.tell else a.minutes)
    done: dict[str, list[Scores]] = {}
    for i, trial in enumerate(trials):
        for ask in ("orders", "parts") if trial.group == "pair" else ("orders",):
            try:
                row = diary.get(
                    f"{ask}/{' '.join(trial.wanted)}", partial(measured, engine, ask, trial, 40_000 + 10 * i)
                )
            except TimeUpError:
                continue
            done.setdefault(f"{trial.group}, {ask}", []).append(row)
    figures: dict[str, Any] = about | {"cpu_seconds": round(diary.spent), "costs": costs()}
    figures |= {name: table(rows) for name, rows in done.items()}
    figures["a session, one kept of"] = spent(engine, trials[:COUNTED])
    write("pick_whole", figures)


if __name__ == "__main__":
    main()
