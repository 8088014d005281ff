"""DOODL on the emoji world: text, vocabulary expansion, personalisation, appeal; each against its baselines.

    python -m benchmarks.doodl_study [--counts 60] [--seeds 4] [--minutes M] [--steps 20] [--sampling-steps 8] [--fresh]

Every way gets the same prompts and the same noise, so differences are paired; intervals are over prompts. Work goes
prompt by prompt through all parts and ways, so that one stopped by `--minutes` is a smaller study, not a lopsided one;
started again it goes on; `--fresh` begins again, and so do other weights. The scale of one-step guidance is tuned for
each part, on prompts that are not tested, by the reader where it can: on two
prompts, at 300, nouns went while the judge's cosine rose in some pictures. About 35 s of one core for each prompt and
part of 4 seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks import guided
from benchmarks.guided import Scores
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import TINTS
from guidewidgets.guide import Aesthetic, Classify, ClipImage, ClipText, Crops, doodl, one_step
from guidewidgets.vision import embedded
from guidewidgets.vision.objective import Objective

GROUND = "a blue background"
NAMES = ("plain", "one_step", "doodl")
SCALES = (30.0, 100.0, 300.0)
TUNE = 3
CROPS = Crops(num=4)


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt of one part: what is painted, what is optimised, how the pictures are scored; `times` the updates."""

    name: str
    prompt: str
    objective: Callable[[], Objective]
    score: Callable[[Tensor], Scores]
    seed: int
    lr: float = 0.05
    times: int = 1
    guidance: float | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """Plain sampling, one-step guidance, DOODL: a task → images (seeds, 3, H, W)."""

    engine: Engine
    seeds: int
    steps: int
    sampling: int
    scales: dict[str, float] = field(default_factory=dict[str, float])

    def plain(self, task: Task) -> Tensor:
        """No guidance but the prompt."""
        return self.engine.render(self.noise(task), task.prompt, self.sampling, task.guidance)

    def one_step(self, task: Task, scale: float | None = None) -> Tensor:
        """The usual baseline."""
        scale = self.scales[part_of(task)] if scale is None else scale
        x, objective = self.noise(task), task.objective()
        how: dict[str, Any] = {"sampling_steps": self.sampling, "guidance": task.guidance}
        *_, last = one_step(self.engine, x, task.prompt, objective, scale, **how)
        return last.image

    def doodl(self, task: Task) -> Tensor:
        """Ours. Plain autograd is the cached gradient bit for bit, and cheaper where the memory is there."""
        x, objective = self.noise(task), task.objective()
        how: dict[str, Any] = {"sampling_steps": self.sampling, "guidance": task.guidance}
        how |= {"lr": task.lr, "gradient": "full"}
        updates = task.times * self.steps
        return guided.best_of(doodl(self.engine, x, task.prompt, objective, updates, **how))

    def noise(self, task: Task) -> Tensor:
        """The same for every way."""
        return self.engine.noise(self.seeds, task.seed)


def part_of(task: Task) -> str:
    """The part a task belongs to."""
    return task.name.partition("/")[0]


def text(_engine: Engine, i: int) -> Task:
    """Text-conditioned generation: do two nouns both come?"""
    prompt, a, b = guided.two_nouns(100_000)[i]

    def score(images: Tensor) -> Scores:
        pairs = list(zip(guided.presence(images, a), guided.presence(images, b), strict=True))
        return {
            "judge": guided.judged(images, prompt),
            "found": [sum(pair) / 2 for pair in pairs],
            "both_seen": [float(min(pair) > 0.5) for pair in pairs],
        }

    return Task(f"text/{prompt}", prompt, lambda: ClipText(prompt, CROPS), score, 1000 + i)


def expand(_engine: Engine, i: int) -> Task:
    """Vocabulary expansion: a noun that was painted in the training pictures, but that no caption ever named.

    So the prompt names what such captions did, a ground, and guidance, which would enforce that there is nothing else,
    is off; a step then costs half as much, and there are twice as many. Negative i: known nouns, to tune by.
    """
    nouns = embedded.classifier().held_out if i >= 0 else guided.readable()
    noun = nouns[i]

    def score(images: Tensor) -> Scores:
        sure = guided.presence(images, noun)
        return {"sure": sure, "seen": [float(v > 0.5) for v in sure]}

    how: dict[str, Any] = {"lr": 0.1, "times": 2, "guidance": 1.0}
    return Task(f"expand/{noun}", GROUND, lambda: Classify(noun), score, 2000 + i % 1000, **how)


def personal(engine: Engine, i: int) -> Task:
    """Personalisation: towards three pictures of one coloured thing; is it likelier it, and is the prompt kept?"""
    nouns, judge = guided.readable(), embedded.judge()
    noun = nouns[(7 * i) % len(nouns)]
    special, prompt = f"a {TINTS[i % len(TINTS)]} {noun}", f"{guided.one(noun)} on a beach"
    references = engine.render(engine.noise(3, 7000 + i % 1000), special)

    def score(images: Tensor) -> Scores:
        with torch.no_grad():
            target = torch.nn.functional.normalize(judge.images(references).mean(0), dim=0)
            like = (judge.images(images) @ target).tolist()
        return {"like": like, "prompt": guided.judged(images, prompt), "noun": guided.presence(images, noun)}

    return Task(
        f"personal/{special}", prompt, lambda: ClipImage(list(references), CROPS), score, 3000 + i % 1000
    )


def appeal(_engine: Engine, i: int) -> Task:
    """Appeal: the head is optimised; contrast and colourfulness of the pixels are what it is held to."""
    nouns = guided.readable()
    noun = nouns[(11 * i) % len(nouns)]
    prompt = guided.one(noun)

    def score(images: Tensor) -> Scores:
        contrast, colour = pixels(images)
        return {
            "contrast": contrast,
            "colour": colour,
            "prompt": guided.judged(images, prompt),
            "noun": guided.presence(images, noun),
        }

    return Task(f"appeal/{prompt}", prompt, lambda: Aesthetic(crops=CROPS), score, 4000 + i % 1000)


def pixels(images: Tensor) -> tuple[list[float], list[float]]:
    """Contrast of luma, and colourfulness by Hasler and Süsstrunk, of images (n, 3, H, W)."""
    red, green, blue = images.flatten(2).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    rg, yb = red - green, (red + green) / 2 - blue
    spread = (rg.var(1) + yb.var(1)).sqrt() + 0.3 * (rg.mean(1) ** 2 + yb.mean(1) ** 2).sqrt()
    return luma.std(1).tolist(), spread.tolist()


PARTS: dict[str, tuple[Callable[[Engine, int], Task], str, int]] = {
    "text": (text, "found", 1),
    "expand": (expand, "sure", 1),
    "personal": (personal, "like", 2),
    "appeal": (appeal, "colour", 2),
}
"""Part → (its tasks, the score that one-step guidance is tuned by, every how many prompts it has its turn)."""


def tune(ways: Ways, diary: guided.Diary, part: str) -> None:
    """The scale of one-step guidance that the part's own score likes best, on tasks of its own."""
    make, score, _ = PARTS[part]
    tasks = [make(ways.engine, -1 - k) for k in range(TUNE)]

    def mean(scale: float) -> float:
        kept = [
            diary.get(f"tune/{scale:g}/{t.name}", lambda t=t: t.score(ways.one_step(t, scale)))[score]
            for t in tasks
        ]
        return sum(map(sum, kept))

    ways.scales[part] = max(SCALES, key=mean)


def turns(counts: int, parts: Sequence[str]) -> list[tuple[str, int]]:
    """(part, prompt) in the order of work: any beginning of it is a balanced study."""
    most = {"expand": len(embedded.classifier().held_out)}
    return [
        (part, i // PARTS[part][2])
        for i in range(counts)
        for part in parts
        if i % PARTS[part][2] == 0 and i // PARTS[part][2] < most.get(part, counts)
    ]


def main() -> None:
    """Run, or go on."""
    told = guided.options(__doc__, 60, 20, 8)
    torch.manual_seed(0)
    engine = Engine.load()
    settings = guided.settings(engine, told)
    diary = guided.Diary(told.out / "doodl_study.jsonl", settings, fresh=told.fresh, minutes=told.minutes)
    ways = Ways(engine, told.seeds, told.steps, told.sampling_steps)
    done: dict[str, list[dict[str, Scores]]] = {part: [] for part in PARTS}
    try:
        for part in PARTS:
            tune(ways, diary, part)
        for part, i in turns(told.counts, tuple(PARTS)):
            task = PARTS[part][0](engine, i)
            done[part].append(
                {way: diary.get(f"{way}/{task.name}", partial(_scored, ways, way, task)) for way in NAMES}
            )
    except guided.TimeUpError:
        print("the minutes are over")
    figures: dict[str, Any] = {**settings, "scales": ways.scales, "cpu_seconds": round(diary.spent)}
    figures |= {part: guided.table(rows, "doodl") for part, rows in done.items()}
    guided.finish("doodl_study", figures, told.out)


def _scored(ways: Ways, way: str, task: Task) -> Scores:
    return task.score(getattr(ways, way)(task))


if __name__ == "__main__":
    main()
