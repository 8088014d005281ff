"""One of several images was chosen, or nobody could tell: its likelihood under the taste f, and its derivatives.

Whoever looks sees f(i) + ε_i, ε_i ~ N(0, 1) of each image, and takes the largest. So of the images S image w is chosen
with the probability

    P(w | S) = ∫ φ(u) ∏ Φ(f(w) - f(j) + u) du, over the j in S other than w,

Thurstone's model for several at once (the batch winner of Siivola et al., Preferential Batch Bayesian Optimization,
MLSP 2021, arXiv 2003.11435). Of two images it is Φ((f(w) - f(l)) / √2), the likelihood of a comparison in `gp.py`.
Its log is concave, as the logs of all probabilities of half-spaces under a normal are, so that the posterior has one
mode. The integral is a Gauss-Hermite sum.

"Can't tell" is each of them chosen to an equal part, mean over w of log P(w | S): largest where all are liked
alike, and as concave. Of two, with a logistic for Φ, that is what Davidson's model of ties (JASA 1970, 65, 317)
becomes where ties are rare. Ties as a threshold of the same utilities (Nguyen et al., Top-k Ranking Bayesian
Optimization, AAAI 2021, arXiv 2012.10688) would be one number more to learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST = 9
"""Images that a choice is among, at most."""
NODES = 64
"""Of the sum; P is then off by less than a millionth of itself for differences of f up to 4; see the test."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was said of images shown side by side.

    Attributes:
        items: what names each image, two to `MOST`, all different.
        best: the one that was chosen; None: it could not be told.
    """

    items: tuple[str, ...]
    best: str | None

    @property
    def pairs(self) -> int:
        """Comparisons it is worth: of the best with each other; none where it could not be told."""
        return 0 if self.best is None else len(self.items) - 1


def rows(choices: Sequence[Choice], place: Mapping[str, int]) -> list[tuple[NDArray[np.intp], float]]:
    """Choices as (places of the images, the chosen one first; weight), one of each winner where none could be told."""
    told: list[tuple[NDArray[np.intp], float]] = []
    for choice in choices:
        winners = choice.items if choice.best is None else (choice.best,)
        for winner in winners:
            order = (winner, *(item for item in choice.items if item != winner))
            told.append((np.array([place[item] for item in order], np.intp), 1 / len(winners)))
    return told


def log_likelihood(f: Array, told: Sequence[tuple[NDArray[np.intp], float]]) -> float:
    """Sum of the weighted log P of all rows at f (n,)."""
    return sum(weight * _winner(f[row[0]] - f[row[1:]])[0] for row, weight in told)


def derivatives(f: Array, told: Sequence[tuple[NDArray[np.intp], float]]) -> tuple[Array, Array]:
    """Gradient (n,) of the log likelihood, and its negative Hessian (n, n)."""
    gradient, curvature = np.zeros(len(f)), np.zeros((len(f), len(f)))
    for row, weight in told:
        _, slope, bend = _winner(f[row[0]] - f[row[1:]])
        # By the chain rule, a_j = f(w) - f(j): +1 at the winner, -1 at the other.
        turn = np.concatenate([np.ones((1, len(slope))), -np.eye(len(slope))])
        gradient[row] += weight * turn @ slope
        curvature[np.ix_(row, row)] -= weight * turn @ bend @ turn.T
    return gradient, curvature


@cache
def _nodes() -> tuple[Array, Array]:
    """Places and weights of the sum."""
    return np.polynomial.hermite_e.hermegauss(NODES)


def _winner(a: Array) -> tuple[float, Array, Array]:
    """Log ∫ φ(u) ∏ Φ(a_j + u) du, its gradient (m,) and its Hessian (m, m) in a (m,)."""
    u, weights = _nodes()
    z = a[:, None] + u
    logs = torch.special.log_ndtr(torch.from_numpy(z)).numpy()
    terms = np.log(weights / weights.sum() + np.finfo(float).tiny) + logs.sum(0)
    top = terms.max()
    shares = np.exp(terms - top)
    log_p = float(top + np.log(shares.sum()))
    shares /= shares.sum()
    ratio = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - logs)  # φ/Φ, also far out
    slope = ratio @ shares
    bend = (ratio * shares) @ ratio.T - np.outer(slope, slope) - np.diag((ratio * (ratio + z)) @ shares)
    return log_p, slope, bend
