"""What holds a picture when a gradient follows one score too hard, and what does without a gradient?

    python -m benchmarks.reward_study --dtype float32 [--counts 8] [--seeds 4] [--steps 12] [--sampling-steps 4]
        [--minutes M] [--share K/N] [--fresh]

Two nouns that no training picture shows together, in a place. Scores that nothing follows: both nouns as the scene
reader sees them, the judge's cosine, and how badly the model itself denoises the picture (`misfit`, the measure that
told hacked from honest pictures best when the study was made, on other prompts).

Part "hacked": Adam at lr 0.4, latents held to nothing, follows likeness to the prompt of the whole picture as `guide`
sees it: "alone"; "variation" adds 0.3 × `Variation` of the plain picture; "watched" is "alone" kept at the step that a
reward held out of it liked best, the judge's cosine, which therefore does not score it. "fresh" are plain pictures of
other noises. Aim: told apart by variation over that of the plain picture of the same noise with an AUC of 0.9, "alone"
from "fresh"; and "variation" better than "alone" to the reader. About 40 s of one core a prompt.

Part "no gradient", every other prompt: the reader's certainty of the less certain noun is the reward itself. "probes":
estimated gradients, k = 6, a third of the updates; "best of N": of as many renderings. Aim: not below the best of N.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks import guided
from benchmarks.guided import Diary, Scores, Task
from benchmarks.guided_scores import best_of, judged, presence, two_nouns
from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.base import to_prediction
from guidewidgets.guide import ClipText, CosineScorer, Crops, Reward, Variation, doodl
from guidewidgets.guide.variation import variation
from guidewidgets.vision import embedded

FIRST = 180  # of the list of pairs: no other study took these, nor was anything tuned on them
LR, WEIGHT = 0.4, 0.3
PROBES: dict[str, Any] = {
    "optimizer": "momentum",
    "momentum": 0.0,
    "precondition": "tangent",
    "lr": 0.4,
    "probes": 6,
    "smoothing": 0.5,
}
LEVELS = (0.5, 0.65, 0.8, 0.9)
GRID = 20


class Sure:
    """How sure the reader is of the noun that it is less sure of: numbers without a gradient."""

    def __init__(self, a: str, b: str) -> None:
        """Of two nouns."""
        self.a, self.b = a, b

    def score(self, images: Tensor, prompts: Sequence[str]) -> Tensor:
        """Of images (n, 3, H, W)."""
        del prompts
        return torch.tensor(
            [min(pair) for pair in zip(presence(images, self.a), presence(images, self.b), strict=True)]
        )


class Pair:
    """Two nouns in one picture."""

    def __init__(self, engine: Engine, i: int, seeds: int, steps: int, sampling: int) -> None:
        """Pair i of the list."""
        ((self.prompt, self.a, self.b),) = two_nouns(FIRST + i, 1)
        self._engine, self._seed, self._seeds = engine, 8000 + i, seeds
        self._steps, self._sampling = steps, sampling
        self._x, self._likeness = engine.noise(seeds, self._seed), ClipText(self.prompt, Crops(num=0))
        self.alone = cache(self._alone)

    def plain(self) -> Tensor:
        """Nothing done."""
        return self._engine.render(self._x, self.prompt, self._sampling, sampler="ddim")

    def fresh(self, n: int) -> Tensor:
        """Pictures of other noises, n of each."""
        x = self._engine.noise((n + 1) * self._seeds, self._seed)[self._seeds :]
        return self._engine.render(x, self.prompt, self._sampling, sampler="ddim")

    def _alone(self) -> tuple[Tensor, Tensor]:
        """Likeness alone: where it ended, and where the judge liked it best."""
        judge = Reward(CosineScorer(embedded.judge()), self.prompt)
        given = self._engine, self._x, self.prompt, self._likeness, self._steps
        run = doodl(
            *given, sampling_steps=self._sampling, gradient="full", lr=LR, whiteness=False, watch=judge
        )
        images = torch.stack([step.image for step in run])
        liked = torch.stack([loss for record in run.records for loss in record.watched.values()])
        return images[-1], images[liked.argmin(0), torch.arange(self._seeds)]

    def held(self) -> Tensor:
        """With the prior, each picture by its own variation."""
        found: list[Tensor] = []
        for x, image in zip(self._x, self.plain(), strict=True):
            objective = self._likeness + WEIGHT * Variation.like(image.clamp(0, 1))
            run = doodl(self._engine, x, self.prompt, objective, self._steps, sampling_steps=self._sampling,
                        gradient="full", lr=LR, whiteness=False)  # fmt: skip
            *_, last = run
            found.append(last.image)
        return torch.cat(found)

    def probed(self) -> Tensor:
        """Of each picture the best of a few updates by estimated gradients."""
        reward = Reward(Sure(self.a, self.b))
        given = self._engine, self._x, self.prompt, reward, self._steps // 3
        return best_of(doodl(*given, sampling_steps=self._sampling, **PROBES))

    def best(self) -> Tensor:
        """The best of as many pictures, the plain one among them."""
        n = (1 + 2 * PROBES["probes"]) * (self._steps // 3) + 1
        images = torch.cat([self.plain(), self.fresh(n - 1)])
        sure = Sure(self.a, self.b).score(images, []).reshape(n, self._seeds)
        return images[sure.argmax(0) * self._seeds + torch.arange(self._seeds)]

    def tasks(self, *, probed: bool) -> list[Task]:
        """Its parts."""
        hacked = {
            "plain": self.plain,
            "fresh": partial(self.fresh, 2),
            "alone": lambda: self.alone()[0],
            "watched": lambda: self.alone()[1],
            "variation": self.held,
        }
        found = [Task("hacked", self.prompt, hacked, self.score)]
        if probed:
            ways = {"plain": self.plain, "probes": self.probed, "best of N": self.best}
            found.append(Task("no gradient", self.prompt, ways, self.score))
        return found

    def score(self, images: Tensor) -> Scores:
        """What nothing followed says, and what is measured of the pictures themselves."""
        sure = Sure(self.a, self.b).score(images, []).tolist()
        with torch.no_grad():
            loss = self._likeness.bind(self._engine.encoder)(images).tolist()
        own = variation(self.plain()).repeat(len(images) // self._seeds)
        return {
            "both": [float(one > 0.5) for one in sure],
            "sure": sure,
            "judge": judged(images, self.prompt),
            "guide": loss,
            "misfit": self.misfit(images).tolist(),
            "variation": (variation(images) / own).tolist(),
        }

    @torch.no_grad()
    def misfit(self, images: Tensor) -> Tensor:
        """Mean squared error of the model's guess of the noise added to the picture, at a few levels, without words."""
        engine, z = self._engine, self._engine.encode(images)
        size = images.shape[-1], images.shape[-2]
        schedule, errors = engine.schedule(GRID, size), torch.zeros(len(z))
        for level, epsilon in zip(LEVELS, engine.noise(len(LEVELS), 5, size), strict=True):
            stride = schedule.strides[int(level * GRID)]
            x = stride.now.alpha * z + stride.now.sigma * epsilon
            output = engine.network.ask(x, torch.arange(len(z)), [""] * len(z), stride.t, size)
            guess = to_prediction(output, x, stride, schedule.prediction).denoised
            errors += ((guess - z) / stride.now.sigma).square().mean((1, 2, 3)) / len(LEVELS)
        return errors


def auc(high: list[float], low: list[float]) -> float:
    """Share of pairs in which the one that should be higher is; ties count half."""
    a, b = np.asarray(high)[:, None], np.asarray(low)
    return round(float((a > b).mean() + (a == b).mean() / 2), 3)


def told_apart(diary: Diary, tasks: list[Task]) -> dict[str, float]:
    """AUC by measure: pictures that followed likeness alone, against plain ones of other noises."""
    units = guided.done(diary, tasks, "hacked").values()
    rows = {way: [unit[way] for unit in units] for way in ("alone", "fresh")}
    return {
        name: auc(*([v for row in rows[way] for v in row[name]] for way in ("alone", "fresh")))
        for name in ("variation", "misfit")
    }


def main() -> None:
    """Run, or go on."""
    told = guided.options(__doc__, 8, 12, 4)
    torch.set_num_threads(1)
    engine = Engine.load(dtype=told.dtype)
    settings = guided.settings(engine, told) | {"lr": LR, "weight": WEIGHT, "probes": PROBES}
    tasks: list[Task] = []
    for i in range(told.counts):
        tasks += Pair(engine, i, told.seeds, told.steps, told.sampling_steps).tasks(probed=i % 2 == 0)
    diary = guided.study("reward_study", told, settings, tasks)
    units = {part: list(guided.done(diary, tasks, part).values()) for part in ("hacked", "no gradient")}
    without = [{way: scores for way, scores in unit.items() if way != "fresh"} for unit in units["hacked"]]
    figures = {
        "cpu_seconds": round(diary.spent),
        "auc": told_apart(diary, tasks),
        "variation": guided.table(without, "variation"),
        "watched": guided.table(without, "watched"),
        "no gradient": guided.table(units["no gradient"], "probes"),
    }
    guided.finish("reward_study", settings | figures, told.out)


if __name__ == "__main__":
    main()
