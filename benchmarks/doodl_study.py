"""DOODL on the emoji world: vocabulary expansion, personalisation, appeal; each against its baselines.

    python -m benchmarks.doodl_study [--counts 60] [--seeds 4] [--minutes M] [--share K/N] [--steps 6]
        [--sampling-steps 5] [--parts expand] [--fresh]

Every way of a task gets the same prompt and the same noise. Two nouns in one picture are the matter of `pair_study`.
One-step guidance is run at several scales, and the best of them is what DOODL has to beat. Where the gradient starts
from the likeliest of several noises, the likeliest alone is a way too: what it reaches without any gradient. About 50 s
of one core for a held-out noun on a ground, 16 s for a prompt of the other parts.

Registered for the weights that are shipped, before any of it was asked of them: the nouns alone (`--parts expand`), as
the classifier's way to a new word beside the one that learns it from pictures; personalisation has a study of its own
by now (`personal_study`). Aim: "best + doodl" above "best" with its whole interval, as the reader sees it. Expected: it
is missed again, since the classifier is sure before the reader is. What is not done by the clock is left out from the
end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor

from benchmarks import guided
from benchmarks.guided import Scores, Task, Unit
from benchmarks.guided_scores import best_of, judged, one, pixels, presence, readable
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import TINTS
from guidewidgets.guide import Aesthetic, Classify, ClipImage, ClipText, Crops, doodl, one_step
from guidewidgets.vision import embedded
from guidewidgets.vision.objective import Objective

PARTS = ("expand", "personal", "appeal")
UNTOUCHED = ("hedgehog", "kangaroo", "telescope")
"""Held-out nouns that nothing was tuned on."""
GROUNDS = ("a blue background", "a beach", "a meadow", "a pink background")
SCALES = (30.0, 100.0)
CANDIDATES = 24
CROPS = Crops(num=4, power=1.0, smallest=0.8, largest=1.3, noise=0.1, mirror=True, fresh=True)
HARD = Crops(num=8, power=1.0, smallest=0.85, largest=1.6, noise=0.25, mirror=True, fresh=True)
"""For the classifier, which is soon sure of what the reader does not see."""
TIMES = 4  # so many more updates for nouns that no word leads to
LR = {"expand": 0.15, "personal": 0.1, "appeal": 0.1}
KEEP = {"personal": 1.0, "appeal": 1.0}
"""Weight of the prompt beside what is optimised, without which it is soon lost."""


class Maker:
    """Makes tasks, which share an engine and its settings."""

    def __init__(self, engine: Engine, seeds: int, steps: int, sampling: int) -> None:
        self.engine, self.seeds, self.steps, self.sampling = engine, seeds, steps, sampling

    def ways(
        self,
        prompt: str,
        seed: int,
        objective: Callable[[], Objective],
        steps: int,
        lr: float,
        guidance: float | None = None,
    ) -> dict[str, Callable[[], Tensor]]:
        """Plain sampling, one-step guidance, DOODL; the objective is made when first needed."""
        x = self.engine.noise(self.seeds, seed)
        return {
            "plain": lambda: self.engine.render(x, prompt, self.sampling, guidance, "ddim"),
            **{
                f"one_step {scale:g}": lambda scale=scale: self.pulled(
                    x, prompt, objective(), scale, guidance
                )
                for scale in SCALES
            },
            "doodl": lambda: self.moved(x, prompt, objective(), steps, guidance, lr),
        }

    def pulled(
        self, x: Tensor, prompt: str, objective: Objective, scale: float, guidance: float | None
    ) -> Tensor:
        """One-step guidance."""
        how: dict[str, Any] = {"sampling_steps": self.sampling, "guidance": guidance}
        *_, last = one_step(self.engine, x, prompt, objective, scale, **how)
        return last.image

    def moved(
        self, x: Tensor, prompt: str, objective: Objective, steps: int, guidance: float | None, lr: float
    ) -> Tensor:
        """DOODL. The full gradient is the cached one bit for bit, and cheaper where the memory is there."""
        how: dict[str, Any] = {"sampling_steps": self.sampling, "guidance": guidance}
        return best_of(doodl(self.engine, x, prompt, objective, steps, lr=lr, gradient="full", **how))

    def expand(self, noun: str, ground: str, seed: int) -> Task:
        """Vocabulary expansion: a noun that was painted in the training pictures, but that no caption ever named.

        So the prompt names what such captions did, a ground, and guidance, which would enforce that there is nothing
        else, is off.
        """
        objective = Classify(noun, crops=HARD)

        @cache
        def likeliest() -> Tensor:
            """For each picture the noise, of several, whose picture loses least; the first is that of the others."""
            x = self.engine.noise(self.seeds * CANDIDATES, seed)
            with torch.no_grad():
                images = self.engine.render(x, ground, self.sampling, 1.0, "ddim")
                losses = objective.bind(None)(images)
            chosen = losses.reshape(CANDIDATES, self.seeds).argmin(0) * self.seeds + torch.arange(self.seeds)
            return x[chosen]

        def score(images: Tensor) -> Scores:
            sure = presence(images, noun)
            return {"sure": sure, "seen": [float(v > 0.5) for v in sure]}

        steps = TIMES * self.steps
        ways = self.ways(ground, seed, lambda: objective, steps, LR["expand"], 1.0)
        ways["best"] = lambda: self.engine.render(likeliest(), ground, self.sampling, 1.0, "ddim")
        ways["best + doodl"] = lambda: self.moved(likeliest(), ground, objective, steps, 1.0, LR["expand"])
        return Task("expand", f"{noun}, {ground}", ways, score)

    def personal(self, i: int) -> Task:
        """Personalisation: towards three pictures of one coloured thing; is it likelier it, and is the prompt kept?"""
        nouns, judge = readable(), embedded.judge()
        noun = nouns[(7 * i) % len(nouns)]
        special, prompt = f"a {TINTS[i % len(TINTS)]} {noun}", f"{one(noun)} on a beach"

        @cache
        def references() -> Tensor:
            return self.engine.render(
                self.engine.noise(3, 7000 + i), special, 2 * self.sampling, sampler="ddim"
            )

        def objective() -> Objective:
            return ClipImage(list(references()), CROPS) + KEEP["personal"] * ClipText(prompt, CROPS)

        def score(images: Tensor) -> Scores:
            with torch.no_grad():
                target = torch.nn.functional.normalize(judge.images(references()).mean(0), dim=0)
                like = (judge.images(images) @ target).tolist()
            return {"like": like, "prompt": judged(images, prompt), "noun": presence(images, noun)}

        return Task(
            "personal",
            f"{special}, {i}",
            self.ways(prompt, 3000 + i, objective, self.steps, LR["personal"]),
            score,
        )

    def appeal(self, i: int) -> Task:
        """Appeal: the head is optimised; contrast and colourfulness of the pixels are what it is held to."""
        nouns = readable()
        noun = nouns[(11 * i) % len(nouns)]
        prompt = one(noun)

        def score(images: Tensor) -> Scores:
            contrast, colour = pixels(images)
            return {
                "contrast": contrast,
                "colour": colour,
                "prompt": judged(images, prompt),
                "noun": presence(images, noun),
            }

        def objective() -> Objective:
            return Aesthetic(crops=CROPS) + KEEP["appeal"] * ClipText(prompt, CROPS)

        return Task(
            "appeal",
            f"{prompt}, {i}",
            self.ways(prompt, 4000 + i, objective, self.steps, LR["appeal"]),
            score,
        )


def turns(maker: Maker, counts: int) -> list[Task]:
    """All tasks in the order of work: any beginning of it is a balanced study."""
    held_out = embedded.classifier().held_out
    asked = [(noun, ground) for ground in GROUNDS for noun in UNTOUCHED]
    asked += [(noun, GROUNDS[0]) for noun in held_out if noun not in UNTOUCHED]
    found: list[Task] = []
    for i in range(counts):
        if i < len(asked):
            found.append(maker.expand(*asked[i], 2000 + i))
        found += [maker.personal(i), maker.appeal(i)]
    return found


def tables(units: Mapping[str, Mapping[str, Unit]]) -> dict[str, Any]:
    """Means and differences of each part; of held-out nouns, those that were not tuned on, and each noun's."""
    new = [unit for name, unit in units["expand"].items() if name.startswith(UNTOUCHED)]
    told: dict[str, Any] = {"expand": guided.table(new, "best + doodl")}
    seen: dict[str, dict[str, list[float]]] = {}
    for name, unit in units["expand"].items():
        for way, scores in unit.items():
            seen.setdefault(name.partition(",")[0], {}).setdefault(way, []).extend(scores["seen"])
    told["expand, share seen by noun"] = {
        noun: {way: round(sum(v) / len(v), 3) for way, v in ways.items()} for noun, ways in seen.items()
    }
    return told | {part: guided.table(list(units[part].values()), "doodl") for part in ("personal", "appeal")}


def main() -> None:
    """Run, or go on."""
    told = guided.options(__doc__, 60, 6, 5, parts=PARTS)
    torch.manual_seed(0)
    engine = Engine.load(dtype=told.dtype)
    changed = {"lr": LR, "keep": KEEP, "candidates": CANDIDATES, "times": TIMES}
    settings = guided.settings(engine, told) | changed
    tasks = turns(Maker(engine, told.seeds, told.steps, told.sampling_steps), told.counts)
    tasks = [task for task in tasks if task.part in told.parts]
    diary = guided.study("doodl_study", told, settings, tasks)
    units = {part: guided.done(diary, tasks, part) for part in PARTS}
    guided.finish("doodl_study", {**settings, "cpu_seconds": round(diary.spent), **tables(units)}, told.out)


if __name__ == "__main__":
    main()
