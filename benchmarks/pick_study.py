"""Is a picture that was picked of three sketches right more often, at no more than two and a half times its cost?

    python -m benchmarks.pick_study [--minutes M] [--fresh] [--tell]

What is asked, of what, and what would count as what, stands in `pick_plan.md`, written down before the run. Every noise
is walked to a sketch and to a finished picture, so that who picks by the sketch, who picks by the finished picture and
who picks at random choose among the same pictures. The scene reader counts, and picks nothing. What is done is kept in
results/pick_study.jsonl, and the study goes on from there; `--tell` only tells of it. About 40 minutes of one core.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import torch

from benchmarks.guided import Diary, Scores, TimeUpError, modules
from benchmarks.pick_cost import measured_cost
from benchmarks.pick_figure import draw
from benchmarks.pick_measure import ASKS, OF, TRIALS, held, held_parts, liked, seen, walked
from benchmarks.pick_prompts import dealt, in_turn, named, pairs, triples
from benchmarks.pick_report import against_reader, figures
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.engine.weights import fingerprint
from guidewidgets.evaluate.composition import Trial
from guidewidgets.guide.lift import LEVELS
from guidewidgets.session.operators.pick import ROUGH_LEVELS, ROUGH_STRIDES
from guidewidgets.vision import embedded

PAIRS, TRIPLES = 100, 40
GUIDANCE = 1.5  # times as much, of one picture
MORE = f"one picture, guidance x {GUIDANCE:g}"


def pooled(engine: Engine, ask: str, trial: Trial, seed: int) -> Scores:
    """All noises of a prompt: what is said of their sketches and of their pictures."""
    genomes = engine.genomes(engine.noise(TRIALS * OF, seed), ASKS[ask](trial))
    prompts = [genome.prompt for genome in genomes]
    sketches, z = walked(engine, genomes, ROUGH_STRIDES), walked(engine, genomes)
    images = engine.decode(z)
    return {
        "seen": seen(images, trial),
        "guide": liked(engine, images, trial),
        "sketch": held_parts(engine, sketches, trial, ROUGH_LEVELS, seed + 1),
        "sketch, as asked": held(engine, sketches, prompts, ROUGH_LEVELS, seed + 1),
        "finished": held_parts(engine, z, trial, ROUGH_LEVELS, seed + 1),
        "finished, all levels": held_parts(engine, z[::OF], trial, LEVELS, seed + 1),
    }


def more(engine: Engine, ask: str, trial: Trial, seed: int) -> Scores:
    """The first noise of each three, painted with more guidance."""
    genomes = engine.genomes(engine.noise(TRIALS * OF, seed)[::OF], ASKS[ask](trial))
    pushed = [genome.replace(guidance=GUIDANCE * genome.guidance) for genome in genomes]
    return {"seen": seen(engine.decode(walked(engine, pushed)), trial)}


def asked(engine: Engine, diary: Diary, trial: Trial, i: int) -> dict[str, dict[str, Scores]]:
    """Way of asking → way of making → what came of it, of one prompt; noted in the diary."""
    seed = 20_000 + 10 * i
    found: dict[str, dict[str, Scores]] = {}
    for ask in ASKS:
        key = f"{trial.group}/{ask}/{' '.join(trial.wanted)}"
        found[ask] = {"pool": diary.get(key, partial(pooled, engine, ask, trial, seed))}
        found[ask][MORE] = diary.get(f"{key}/{MORE}", partial(more, engine, ask, trial, seed))
    return found


def main() -> None:
    """Run, or go on, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these, and tell")
    parser.add_argument("--fresh", action="store_true", help="begin again")
    parser.add_argument("--tell", action="store_true", help="only of what is done")
    told = parser.parse_args()
    torch.set_num_threads(1)
    engine = Engine.load()
    _, nouns = dealt()
    trials = in_turn(pairs(nouns, PAIRS), triples(nouns, TRIPLES))
    eyes = [embedded.guide().model, *modules(embedded.reader())]
    about = {
        "model": engine.revision,
        "eyes": fingerprint(eyes),
        "dtype": str(engine.dtype),
        "prompts": named(trials),
    }
    about |= {"trials": TRIALS, "of": OF, "strides": ROUGH_STRIDES, "levels": list(ROUGH_LEVELS)}
    planned = {"planned": {"pair": PAIRS, "triple": TRIPLES}}
    diary = Diary(
        RESULTS / "pick_study.jsonl", about, fresh=told.fresh, minutes=0 if told.tell else told.minutes
    )
    done: list[tuple[Trial, dict[str, dict[str, Scores]]]] = []
    for i, trial in enumerate(trials):
        try:
            done.append((trial, asked(engine, diary, trial, i)))
        except TimeUpError:
            continue
    cost = measured_cost(engine, [trial for trial, _ in done if trial.group == "pair"])
    results: dict[str, Any] = (
        about | planned | {"cpu_seconds": round(diary.spent), "cost": cost, **figures(done)}
    )
    results["lift against the reader"] = against_reader(done)
    write("pick_study", results)
    draw(results).savefig(RESULTS / "pick_study.png", dpi=110)


if __name__ == "__main__":
    main()
