"""Which candidates to finish, and which images to ask about.

Finished are those that promise to be better than the best so far, and differ from each other.

Expected improvement (Mockus 1978) over a `Preference`, one candidate at a time: once one is chosen its value is
believed to be its mean, so that its neighbours promise less (the kriging believer of Ginsbourger et al. 2010). A fifth
is chosen blindly, so that the taste keeps being tested on what it would not have chosen.

Asked about are those of which the best is expected to be as good as can be, E max f, which is how much a choice of one
among them is worth (qEUBO: Astudillo et al., AISTATS 2023, arXiv 2303.15746).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from guidewidgets.engine.samplers.noise import Stream
from guidewidgets.preference.gp import Array, Preference

BLIND = 0.2  # share of a batch that the taste has no say in
TINY = 1e-9
DRAWS = 1024
"""Of f at all images, by which E max is estimated; the same ones each time."""


def choose(
    taste: Preference, features: Array, n: int, seed: int = 0, blind: float = BLIND
) -> tuple[list[int], NDArray[np.bool_]]:
    """Choose candidates to finish.

    Args:
        taste: what is liked.
        features: (N, D) of the candidates, N ≥ n.
        n: how many to choose.
        seed: of the blind share.
        blind: share in [0, 1] that is chosen blindly; at least one of five or more.

    Returns:
        indices: n of them, most promising first, the blind ones last.
        guided: (n,) whether the taste chose each.
    """
    guided = n - min(n, math.ceil(blind * n) if n >= 5 else round(blind * n))
    mean, covariance = taste.predict(features)
    chosen: list[int] = []
    best = taste.best
    open_ = np.ones(len(mean), np.bool_)
    for _ in range(guided):
        promise = np.where(
            open_, improvement(mean, np.sqrt(np.maximum(np.diag(covariance), 0)), best), -np.inf
        )
        i = int(np.argmax(promise))
        chosen.append(i)
        open_[i] = False
        best = max(best, float(mean[i]))
        # Believing f(i) = mean(i) leaves all means as they are and takes away what i explains of the rest.
        column = covariance[:, i]
        covariance = covariance - np.outer(column, column) / max(float(covariance[i, i]), TINY)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, Stream.BLIND))))
    rest = rng.permutation(np.flatnonzero(open_))[: n - guided]
    return [*chosen, *map(int, rest)], np.arange(n) < guided


def ask(
    taste: Preference, features: Array, n: int, asked: Collection[frozenset[int]] = frozenset()
) -> list[int]:
    """Choose images to ask about: which of them is the best?

    One by one, each the one that adds most to E max f, beginning with the most liked.

    Args:
        taste: what is liked.
        features: (N, D) of the images.
        n: how many, at least 2; where there is nothing new to ask about so many, fewer.
        asked: questions that were answered already.

    Returns:
        Indices; none where everything was asked.
    """
    mean, covariance = taste.predict(features)
    count = len(mean)
    values, axes = np.linalg.eigh(covariance)
    rng = np.random.Generator(np.random.PCG64(0))
    drawn = mean + rng.normal(size=(DRAWS, count)) @ (axes * np.sqrt(np.maximum(values, 0))).T
    for size in range(min(n, count), 1, -1):
        chosen: list[int] = []
        best = np.full(DRAWS, -np.inf)
        for i in _gains(drawn, best):
            if len(chosen) < size - 1 or frozenset((*chosen, i)) not in asked:
                chosen.append(i)
                np.maximum(best, drawn[:, i], out=best)
            if len(chosen) == size:
                return chosen
    return []


def _gains(drawn: Array, best: Array) -> Iterator[int]:
    """Columns, each once, the one next that adds most to the mean of `best`, which changes meanwhile."""
    left = list(range(drawn.shape[1]))
    while left:
        gain = np.maximum(best[:, None], drawn[:, left]).mean(axis=0)
        yield left.pop(int(np.argmax(gain)))


def improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Expected improvement E max(f - best, 0) of normal f."""
    safe = np.maximum(deviation, TINY)
    z = (mean - best) / safe
    return (mean - best) * torch.special.ndtr(torch.from_numpy(z)).numpy() + safe * np.exp(
        -0.5 * z**2
    ) / math.sqrt(2 * math.pi)
