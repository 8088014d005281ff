"""One prompt of the study of picking: what becomes of its noises, and what lift and the scene reader say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.compose_kinds import in_every_order
from benchmarks.guided import Scores
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import phrase
from guidewidgets.evaluate.composition import PART, Trial
from guidewidgets.generators import returned
from guidewidgets.genome import Genome
from guidewidgets.guide.lift import lifts
from guidewidgets.prompt import Prompt
from guidewidgets.vision import embedded
from guidewidgets.vision.reader import PRESENT

TRIALS, OF = 4, 3
"""Pictures picked of each prompt, and the sketches that each is picked from."""
BUDGET = 2.5  # of one picture's rows

ASKS: dict[str, Callable[[Trial], Prompt]] = {
    "parts": lambda trial: trial.pictured,
    "orders": in_every_order,
}
"""Ways to ask for several nouns: "a picture with a fox AND a picture with an owl"; "a fox and an owl" AND "an owl and a
fox" at half the weight each."""


def walked(engine: Engine, genomes: Sequence[Genome], strides: int | None = None) -> Tensor:
    """Finished latents (n, C, H, W), or those of a sketch."""
    with torch.no_grad():
        *_, last = engine.sample(genomes, strides=strides)
    return last.x


def held(
    engine: Engine, z: Tensor, prompts: Sequence[Prompt], levels: Sequence[float], seed: int = 0
) -> list[float]:
    """Lift of the concept that each picture holds least."""
    return [min(one.values()) for one in returned(lifts(engine, z, prompts, seed, levels))]


def held_parts(
    engine: Engine, z: Tensor, trial: Trial, levels: Sequence[float], seed: int = 0
) -> list[float]:
    """Lift of every noun of every picture, said as a part, picture by picture, in the order of `seen`."""
    texts = [PART.format(phrase(noun)) for noun in trial.wanted]
    found = returned(lifts(engine, z, [trial.pictured] * len(z), seed, levels))
    return [one[text] for one in found for text in texts]


def seen(images: Tensor, trial: Trial) -> list[float]:
    """How sure the reader is of every noun of every picture (n, 3, H, W), picture by picture."""
    return [reading.nouns[noun] for reading in embedded.reader().read(images) for noun in trial.wanted]


def liked(engine: Engine, images: Tensor, trial: Trial) -> list[float]:
    """Cosine of every picture and the sentence, as the net sees them that may be optimised against."""
    encoder: Any = engine.encoder
    with torch.no_grad():
        return (encoder.images(images) @ encoder.texts([str(trial.sentence)]).T)[:, 0].tolist()


def by_picture(scores: Scores, name: str, count: int) -> np.ndarray:
    """Numbers (count, concepts) of a prompt."""
    return np.array(scores[name]).reshape(count, -1)


def right(sure: np.ndarray) -> np.ndarray:
    """Whether all nouns of each picture are there; (n, nouns) → (n,)."""
    return (sure > PRESENT).all(1)
