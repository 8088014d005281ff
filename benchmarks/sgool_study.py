"""SGOOL on the emoji world: does looking at what is salient help, and more than looking anywhere?

    python -m benchmarks.sgool_study [--counts 60] [--seeds 4] [--minutes M] [--steps 20] [--sampling-steps 8] [--fresh]

DOODL, SGOOL, and SGOOL with boxes of the same sizes put anywhere: the control without which a gain says only that more
crops help. Same prompts, same noise, same objective, and of every way the step with the least loss of the whole
picture; scored by the judge and the scene reader. The salient noun of a picture is the one of the two that the reader
sees better in the plain picture of the same noise, before anything is optimised. Prompt by prompt through all ways;
stopped by `--minutes` it is a smaller study; started again it goes on. About 110 s of one core for each prompt.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks import guided
from benchmarks.doodl_study import CROPS
from benchmarks.guided import Scores
from guidewidgets.engine import Engine
from guidewidgets.guide import Attend, ClipText, doodl, sgool
from guidewidgets.vision.saliency import embedded as saliency_net

WAYS = ("plain", "doodl", "sgool", "random")


def images_of(
    engine: Engine, way: str, prompt: str, x: Tensor, steps: int, sampling: int, seed: int
) -> Tensor:
    """The pictures (n, 3, H, W) that a way makes of noise."""
    how: dict[str, Any] = {"sampling_steps": sampling}
    if way == "plain":
        return engine.render(x, prompt, steps=sampling)
    how["gradient"] = "full"  # the cached one bit for bit, and cheaper where the memory is there
    objective = ClipText(prompt, CROPS)
    if way == "doodl":
        return guided.best_of(doodl(engine, x, prompt, objective, steps, **how))
    attend = Attend(control="random" if way == "random" else None, seed=seed)
    return guided.best_of(sgool(engine, x, prompt, objective, saliency_net(), steps, attend=attend, **how))


def scores_of(images: Tensor, prompt: str, a: str, b: str) -> Scores:
    """What judge and reader say of images (n, 3, H, W)."""
    return {
        "judge": guided.judged(images, prompt),
        "first": guided.presence(images, a),
        "second": guided.presence(images, b),
    }


def told_apart(unit: dict[str, Scores]) -> dict[str, Scores]:
    """The two nouns as the salient and the other one, by the plain picture of the same noise."""
    plain = unit["plain"]
    first = [a >= b for a, b in zip(plain["first"], plain["second"], strict=True)]

    def one(scores: Scores) -> Scores:
        rows = list(zip(first, scores["first"], scores["second"], strict=True))
        return {
            "judge": scores["judge"],
            "salient": [a if leads else b for leads, a, b in rows],
            "other": [b if leads else a for leads, a, b in rows],
            "both": [min(a, b) for _, a, b in rows],
        }

    return {way: one(scores) for way, scores in unit.items()}


def main() -> None:
    """Run, or go on."""
    told = guided.options(__doc__, 60, 20, 8)
    torch.manual_seed(0)
    engine = Engine.load()
    settings = guided.settings(engine, told)
    diary = guided.Diary(told.out / "sgool_study.jsonl", settings, fresh=told.fresh, minutes=told.minutes)
    done: list[dict[str, Scores]] = []

    def made(way: str, prompt: str, a: str, b: str, seed: int) -> Scores:
        x = engine.noise(told.seeds, seed)
        images = images_of(engine, way, prompt, x, told.steps, told.sampling_steps, seed)
        return scores_of(images, prompt, a, b)

    try:
        for i, (prompt, a, b) in enumerate(guided.two_nouns(told.counts)):
            rows = {
                way: diary.get(f"{way}/{prompt}", partial(made, way, prompt, a, b, 1000 + i)) for way in WAYS
            }
            done.append(told_apart(rows))
    except guided.TimeUpError:
        print("the minutes are over")
    figures = {**settings, "cpu_seconds": round(diary.spent), **guided.table(done, "sgool")}
    if done:
        control = [{way: unit[way] for way in ("random", "doodl")} for unit in done]
        figures["what more crops alone do"] = guided.table(control, "random")
    guided.finish("sgool_study", figures, told.out)


if __name__ == "__main__":
    main()
