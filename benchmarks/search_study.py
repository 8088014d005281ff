"""Does a search that goes on from what it has seen find more than as many fresh pictures, at the same cost?

    python -m benchmarks.search_study --dtype float32 [--counts 30] [--seeds 2] [--minutes M] [--share K/N] [--fresh]

Registered: written and committed before the run; nothing is tuned by it. In a small try (eight pairs, 60 evaluations)
none of the ways of `s.search` was ahead of the best of as many pictures.

*Prompts.* 30 triples that no training picture shows together, as one sentence, "a fox, an owl and a cat", of the nouns
that `pick_study` asks about, but none of its triples; drawn by `SEED`. Three nouns, since of two nearly all come, which
leaves a search nothing to find. Hash of the list: `34a34d3d3c31`.

*Ways.* `s.search` for `ClipText` of the sentence, as `guide` sees it, with 120 evaluations of the network, 12 pictures
of ten steps: "random" (the best of 12), "zero_order", "paths", "particles", each with its defaults; 2 seeds, the same
for all. Beside them, at one picture each: the model's own sampler, those that "paths" (ddim) and "particles" (ddpm) go
by, and guidance × 1.5.

*Who counts.* The scene reader, whom nothing follows: all three nouns are there (`all`); beside it the share of the
nouns (`share`), its certainty of the least certain (`least`), the judge's cosine (`judge`), and the loss that is
followed, on eight crops of a seed of its own (`followed`).

*Read as,* each way minus "random", by `all`, paired, 95 % over prompts: ahead or behind where the whole interval is on
that side of 0, else not shown to differ. Why, where a way is not ahead: it is no better a search where its followed
loss is not below that of "random" with the whole interval; else what is followed is no guide to what the reader sees.
Best of 12 itself pays where it is above one picture. What is not done by the clock is left out from the end.

Expected: "random" ahead of one picture; none of the others ahead of "random"; "particles" behind it, as ten steps of
its sampler paint worse pictures. About 15 s of one core a prompt.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks import guided
from benchmarks.guided import Scores, Task
from benchmarks.guided_scores import judged
from benchmarks.pick_measure import seen
from benchmarks.pick_prompts import dealt, named, triples
from guidewidgets.engine import Engine
from guidewidgets.evaluate.composition import Trial, triple_trials
from guidewidgets.guide import ClipText, Crops
from guidewidgets.guide.search import METHODS, search
from guidewidgets.vision.reader import PRESENT
from training.world.nouns import kept_apart

SEED, EVALUATIONS, MORE = 2929, 120, 1.5
ONE = {"one picture": None, "one picture, ddim": "ddim", "one picture, ddpm": "ddpm"}
PUSHED = f"one picture, guidance x {MORE:g}"
LOOKS = Crops(num=8, seed=1)
"""Of the loss as a score."""


def prompts(count: int) -> list[Trial]:
    """Triples that neither training pictures nor `pick_study` show together."""
    nouns = dealt()[1]
    asked = {frozenset(trial.wanted) for trial in triples(nouns, 40)}
    unseen = [
        three
        for three in itertools.combinations(nouns, 3)
        if frozenset(three) not in asked and any(kept_apart(*two) for two in itertools.combinations(three, 2))
    ]
    return triple_trials(unseen, count, "triple", SEED)


def task_of(engine: Engine, trial: Trial, i: int, seeds: int, sampling: int) -> Task:
    """All ways of a prompt."""
    text = str(trial.sentence)
    objective, seeded = ClipText(text), [70_000 + 100 * i + k for k in range(seeds)]

    def one(sampler: str | None, times: float = 1.0) -> Tensor:
        x = torch.cat([engine.noise(1, seed) for seed in seeded])
        return engine.render(x, text, sampling, times * engine.vocabulary.guidance, sampler)

    def found(method: str) -> Tensor:
        return torch.cat([engine.decode(last(method, seed)[None]) for seed in seeded])

    def last(method: str, seed: int) -> Tensor:
        *_, best = search(engine, text, objective, EVALUATIONS, method, seed=seed, sampling_steps=sampling)
        return best.finished

    ways: dict[str, Callable[[], Tensor]] = {way: partial(one, sampler) for way, sampler in ONE.items()}
    ways[PUSHED] = partial(one, None, MORE)
    ways |= {method: partial(found, method) for method in METHODS}
    return Task("triples", text, ways, partial(scores_of, engine, trial))


def scores_of(engine: Engine, trial: Trial, images: Tensor) -> Scores:
    """What judge, reader and the loss say of images (n, 3, H, W)."""
    text = str(trial.sentence)
    sure = torch.tensor(seen(images, trial)).reshape(len(images), -1)
    there = sure > PRESENT
    with torch.no_grad():
        followed = replace(ClipText(text), crops=LOOKS).bind(engine.encoder)(images).tolist()
    return {
        "all": there.all(1).float().tolist(),
        "share": there.float().mean(1).tolist(),
        "least": sure.amin(1).tolist(),
        "judge": judged(images, text),
        "followed": followed,
    }


def main() -> None:
    """Run, or go on."""
    told = guided.options(__doc__, 30, 0, 10, seeds=2)
    torch.set_num_threads(1)
    engine, trials = Engine.load(dtype=told.dtype), prompts(told.counts)
    about: dict[str, Any] = guided.settings(engine, told) | {"sampler": engine.sampler}
    about |= {"evaluations": EVALUATIONS, "prompts": named(trials)}
    tasks = [task_of(engine, trial, i, told.seeds, told.sampling_steps) for i, trial in enumerate(trials)]
    diary = guided.study("search_study", told, about, tasks)
    units = list(guided.done(diary, tasks, "triples").values())
    tables = {way: guided.table(units, way) for way in METHODS if way != "random"}
    tables["random over one picture"] = guided.table(units, "random")
    guided.finish("search_study", about | {"cpu_seconds": round(diary.spent)} | tables, told.out)


if __name__ == "__main__":
    main()
