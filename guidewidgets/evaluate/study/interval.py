"""The interval of a share of votes that come in clusters, one for each prompt, on sides that were balanced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Z = NormalDist().inv_cdf(0.975)
MOST_GAIN = 4.0  # what balance may be worth at most, as a multiple of the votes


def share_interval(
    scores: NDArray[np.float64], prompts: NDArray[np.intp], first_left: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """A share with its 95 % interval, for prompts and votes of this kind, not just for those that were drawn.

    Wilson's interval of as many independent votes as would vary as much as these did. The variance of the mean is the
    cluster-robust one over prompts (CR2: Bell and McCaffrey 2002), of what the sides do not explain: they are balanced,
    so that a bias adds nothing to the share. The normal quantile is Student's with a degree of freedom less than there
    are prompts, those with many votes counted for less. Wilson's form keeps a width where all votes are alike. A
    percentile bootstrap over prompts is too narrow with few of them: `benchmarks/study_coverage.py` has both.

    Args:
        scores: (n,) 1 where the first was chosen, 0 where the second was, one half for a tie.
        prompts: (n,) which prompt, 0 … G - 1.
        first_left: (n,) whether the first stood on the left.

    Returns:
        The share and the interval's ends.
    """
    n, groups = len(scores), int(prompts.max()) + 1
    share = float(scores.mean())
    expected = np.empty(n)
    for side in (True, False):
        on = first_left == side
        expected[on] = scores[on].mean() if on.any() else share
    sums, counts = np.bincount(prompts, scores - expected, groups), np.bincount(prompts)
    independent = float(n)
    spread = float((sums**2 / np.maximum(1 - counts / n, 1 / n)).sum()) / n**2
    if groups > 1 and spread > 1e-12:
        independent = (
            min(share * (1 - share) / spread * (n - 2) / (n - 1), MOST_GAIN * n) if n > 2 else independent
        )
    t = student(max(1, weigh_as(counts) - 1) if groups > 1 else 0)
    return share, *wilson(share, independent, t)


def wilson(share: float, n: float, z: float = Z) -> tuple[float, float]:
    """Wilson's interval of a share of n independent votes (1927): it keeps a width where all are alike.

    Args:
        share: in [0, 1].
        n: how many; more than none.
        z: the normal quantile, or Student's.
    """
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def weigh_as(counts: NDArray[np.intp]) -> int:
    """How many prompts with equally many votes would say as much as these: n² / Σ n_g², rounded (Kish 1965).

    Args:
        counts: (G,) votes of each prompt.
    """
    return round(float(counts.sum() ** 2 / (counts**2).sum()))


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, to 0.2 %.

    Fisher's expansion (Abramowitz and Stegun 26.7.5), with the two values where it is off.
    """
    if freedom <= 2:
        return (12.7062, 4.3027)[freedom - 1]
    z, v = Z, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / v ** (k + 1) for k, term in enumerate(terms))


def sign_test(scores: Sequence[float], prompts: Sequence[int]) -> float:
    """Two-sided exact binomial p of the prompts in which one was chosen more often; 1 where none leans.

    With one vote for each prompt these are the votes that are no ties.

    Args:
        scores: see `share_interval`.
        prompts: likewise.
    """
    sums: dict[int, float] = {}
    for score, prompt in zip(scores, prompts, strict=True):
        sums[prompt] = sums.get(prompt, 0.0) + score - 0.5
    ups, downs = sum(s > 0 for s in sums.values()), sum(s < 0 for s in sums.values())
    of = ups + downs
    tail = sum(math.comb(of, k) for k in range(max(ups, downs), of + 1))
    return min(1.0, 2 * tail / 2**of)
