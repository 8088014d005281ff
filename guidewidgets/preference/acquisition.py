"""Which candidates to finish: those that promise to be better than the best so far, and differ from each other.

Expected improvement (Mockus 1978) over a `Preference`, one candidate at a time: once one is chosen its value is
believed to be its mean, so that its neighbours promise less (the kriging believer of Ginsbourger et al. 2010). A fifth
is chosen blindly, so that the taste keeps being tested on what it would not have chosen.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from guidewidgets.engine.samplers.noise import Stream
from guidewidgets.preference.gp import Array, Preference

BLIND = 0.2  # share of a batch that the taste has no say in
TINY = 1e-9


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


def improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Expected improvement E max(f - best, 0) of normal f."""
    safe = np.maximum(deviation, TINY)
    z = (mean - best) / safe
    return (mean - best) * torch.special.ndtr(torch.from_numpy(z)).numpy() + safe * np.exp(
        -0.5 * z**2
    ) / math.sqrt(2 * math.pi)
