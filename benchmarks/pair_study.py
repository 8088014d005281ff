"""Two nouns at once: plain sampling, one-step guidance, DOODL, SGOOL, and SGOOL looking anywhere.

    python -m benchmarks.pair_study [--counts 60] [--seeds 4] [--minutes M] [--share K/N] [--steps 6]
        [--sampling-steps 5] [--fresh]

The prompts name a place and two nouns that no training picture shows together, so plain sampling often leaves one out.
"random" is SGOOL with boxes of the same sizes put anywhere: the control without which a gain says only that more crops
help. Same prompts, same noise, same objective; of every optimisation the step with the least loss of the whole picture
counts. One-step guidance is run at several scales, and the best of them by the tested score itself is what DOODL has to
beat. Scored by the judge and the scene reader. The salient noun of a picture is the one of the two that the reader
sees better in the plain picture of the same noise, before anything is optimised. About 37 s of one core a prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks import guided
from benchmarks.guided import Scores, Task, Unit
from benchmarks.guided_scores import best_of, judged, odds, presence, two_nouns
from guidewidgets.engine import Engine
from guidewidgets.guide import Attend, ClipText, Crops, doodl, one_step, sgool
from guidewidgets.vision.saliency import embedded as saliency_net

SCALES = (30.0, 100.0)
CROPS = Crops(num=4, power=1.0, smallest=0.8, largest=1.3, noise=0.1, mirror=True, fresh=True)
LR = 0.1


def make_task(engine: Engine, seeds: int, steps: int, sampling: int, i: int) -> Task:
    """All ways of prompt i."""
    ((prompt, a, b),) = two_nouns(i, 1)
    x, objective = engine.noise(seeds, 1000 + i), ClipText(prompt, CROPS)
    # The full gradient is the cached one bit for bit, and cheaper where the memory is there.
    how: dict[str, Any] = {"sampling_steps": sampling, "gradient": "full", "lr": LR}

    def pulled(scale: float) -> Tensor:
        *_, last = one_step(engine, x, prompt, objective, scale, sampling_steps=sampling)
        return last.image

    def looking(control: str | None) -> Tensor:
        attend = Attend(control=control, seed=i)
        return best_of(sgool(engine, x, prompt, objective, saliency_net(), steps, attend=attend, **how))

    ways: dict[str, Callable[[], Tensor]] = {
        "plain": lambda: engine.render(x, prompt, sampling, sampler="ddim"),
        **{f"one_step {scale:g}": partial(pulled, scale) for scale in SCALES},
        "doodl": lambda: best_of(doodl(engine, x, prompt, objective, steps, **how)),
        "sgool": partial(looking, None),
        "random": partial(looking, "random"),
    }
    return Task("pairs", prompt, ways, partial(scores_of, prompt, a, b))


def scores_of(prompt: str, a: str, b: str, images: Tensor) -> Scores:
    """What judge and reader say of images (n, 3, H, W)."""
    return {"judge": judged(images, prompt), "first": presence(images, a), "second": presence(images, b)}


def told_apart(unit: Unit) -> Unit:
    """The two nouns as the salient and the other one, by the plain picture of the same noise."""
    plain = unit["plain"]
    first = [a >= b for a, b in zip(plain["first"], plain["second"], strict=True)]

    def one(scores: Scores) -> Scores:
        rows = list(zip(first, scores["first"], scores["second"], strict=True))
        salient = [a if leads else b for leads, a, b in rows]
        return {
            "judge": scores["judge"],
            "both_seen": [float(min(a, b) > 0.5) for _, a, b in rows],
            "found": [(a + b) / 2 for _, a, b in rows],
            "salient": salient,
            "salient_odds": [odds(sure) for sure in salient],
            "other": [b if leads else a for leads, a, b in rows],
        }

    return {way: one(scores) for way, scores in unit.items()}


def tables(units: list[Unit]) -> dict[str, Any]:
    """DOODL against its baselines; SGOOL, and more crops anywhere, against DOODL."""

    def some(ours: str, *theirs: str) -> dict[str, Any]:
        return guided.table([{way: unit[way] for way in (*theirs, ours)} for unit in units], ours)

    scales = [f"one_step {scale:g}" for scale in SCALES]
    return {
        "text": some("doodl", "plain", *scales),
        "saliency": some("sgool", "doodl", "random"),
        "what more crops alone do": some("random", "doodl"),
    }


def main() -> None:
    """Run, or go on."""
    told = guided.options(__doc__, 60, 6, 5)
    torch.manual_seed(0)
    engine = Engine.load(dtype=told.dtype)
    settings = guided.settings(engine, told) | {"lr": LR}
    tasks = [make_task(engine, told.seeds, told.steps, told.sampling_steps, i) for i in range(told.counts)]
    diary = guided.study("pair_study", told, settings, tasks)
    units = [told_apart(unit) for unit in guided.done(diary, tasks, "pairs").values()]
    guided.finish("pair_study", {**settings, "cpu_seconds": round(diary.spent), **tables(units)}, told.out)


if __name__ == "__main__":
    main()
