"""Prompts and scores of the studies of optimisation.

Scores come from `judge`, the scene reader and plain formulas of the pixels, never from what is optimised.
"""

from __future__ import annotations

import json
import math

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.guide.optimisation import Optimisation
from guidewidgets.vision import embedded
from training.world.nouns import article, kept_apart

SURE = 1e-3  # log-odds of the reader beyond this say no more


def best_of(run: Optimisation) -> Tensor:
    """Of each image the step of the least loss, by the parts of the first step: what a user would get."""
    least: list[float] = []
    found: list[Tensor] = []
    names: tuple[str, ...] = ()
    for step in run:
        terms = run.records[-1].terms
        names = names or tuple(name for name in terms if name not in ("salient", "relation"))
        losses = run.losses.total({name: terms[name] for name in names}).tolist()
        if not found:
            least, found = losses, list(step.image)
        for i, loss in enumerate(losses):
            if loss < least[i]:
                least[i], found[i] = loss, step.image[i]
    return torch.stack(found)


def two_nouns(first: int, count: int) -> list[tuple[str, str, str]]:
    """Prompts of two nouns that no training picture shows together, in a place, and the nouns.

    The same for everybody; what is tuned uses others than what is tested.
    """
    nouns = readable()
    rng = np.random.default_rng(5)
    pairs = [(a, b) for a in nouns for b in nouns if a < b and kept_apart(a, b)]
    places = list(vocabulary()["places"].values())
    chosen = [(k, pairs[i]) for k, i in enumerate(rng.permutation(len(pairs)))][first : first + count]
    return [(f"{one(a)} and {one(b)} {places[k % len(places)][0]}", a, b) for k, (a, b) in chosen]


def readable() -> list[str]:
    """Nouns that the embedded model has learned to paint and the scene reader knows; its text encoder has read more."""
    learned = vocabulary()["nouns"]
    return sorted(noun for noun in embedded.reader().nouns if noun in learned)


def vocabulary() -> dict[str, dict[str, list[str]]]:
    """What the embedded model was taught to understand."""
    return json.loads((EMBEDDED / "vocabulary.json").read_text(encoding="utf-8"))


def one(noun: str) -> str:
    """The noun with its article."""
    return f"{article(noun)} {noun}"


def presence(images: Tensor, noun: str) -> list[float]:
    """How sure the scene reader is that a noun is in each image (n, 3, H, W)."""
    return [scene.nouns[noun] for scene in embedded.reader().read(images)]


def odds(sure: float) -> float:
    """Log-odds: where nearly all is seen, they still tell better from worse."""
    sure = min(max(sure, SURE), 1 - SURE)
    return math.log(sure / (1 - sure))


def judged(images: Tensor, text: str) -> list[float]:
    """Cosine of each image (n, 3, H, W) and a text as the judge sees them."""
    judge = embedded.judge()
    with torch.no_grad():
        return (judge.images(images) @ judge.texts([text]).T)[:, 0].tolist()


def pixels(images: Tensor) -> tuple[list[float], list[float]]:
    """Contrast of luma, and colourfulness by Hasler and Süsstrunk, of images (n, 3, H, W)."""
    red, green, blue = images.flatten(2).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    rg, yb = red - green, (red + green) / 2 - blue
    spread = (rg.var(1) + yb.var(1)).sqrt() + 0.3 * (rg.mean(1) ** 2 + yb.mean(1) ** 2).sqrt()
    return luma.std(1).tolist(), spread.tolist()
