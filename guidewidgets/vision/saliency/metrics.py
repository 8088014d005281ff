"""How well a map predicts another, or a set of looks: CC, SIM, KL, NSS, AUC (Bylinskii et al. 2019; Tübingen's rules).

Maps are (H, W) arrays of any scale unless said; looks are booleans or counts (H, W).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPS = 2.2204e-16  # inside and outside of the quotient of KL, as the MIT benchmark does


def cc(a: ArrayLike, b: ArrayLike) -> float:
    """Pearson correlation of two maps, in [-1, 1]; 0 where one is constant."""
    x, y = (_map(v) for v in _pair(a, b))
    x, y = x - x.mean(), y - y.mean()
    norm = np.sqrt((x**2).sum() * (y**2).sum())
    return float((x * y).sum() / norm) if norm > 0 else 0.0


def sim(a: ArrayLike, b: ArrayLike) -> float:
    """Histogram intersection of two maps ≥ 0, each divided by its sum first: in [0, 1], 1 for equal maps."""
    return float(np.minimum(*(_share(_map(v)) for v in _pair(a, b))).sum())


def kl(prediction: ArrayLike, truth: ArrayLike) -> float:
    """Kullback-Leibler divergence of the truth from the prediction, ≥ 0 up to rounding; each sums to one first."""
    p, q = (_share(_map(v)) for v in _pair(prediction, truth))
    return float((q * np.log(EPS + q / (p + EPS))).sum())


def nss(prediction: ArrayLike, looks: ArrayLike) -> float:
    """Mean standardised saliency at the looks, every one counted; 0 is chance."""
    s, counts = (_map(v) for v in _pair(prediction, looks))
    if counts.sum() <= 0:
        raise ValueError("looks: expected at least one")
    spread = s.std()
    return float((((s - s.mean()) / spread) * counts).sum() / counts.sum()) if spread > 0 else 0.0


def auc(prediction: ArrayLike, looks: ArrayLike) -> float:
    """Probability that a place that was looked at has more saliency than one that was not, ties half; 0.5 is chance."""
    s, counts = (_map(v) for v in _pair(prediction, looks))
    inside = counts > 0
    if not inside.any() or inside.all():
        raise ValueError("looks: expected some places that were looked at and some that were not")
    # Mann-Whitney by midranks.
    _, place, times = np.unique(s.ravel(), return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    ranks = (last - (times - 1) / 2)[place.ravel()].reshape(s.shape)
    n, m = int(inside.sum()), int((~inside).sum())
    return float((ranks[inside].sum() - n * (n + 1) / 2) / (n * m))


def iou(a: ArrayLike, b: ArrayLike) -> float:
    """Shared part of two masks, in [0, 1]; 1 where both are empty."""
    x, y = (np.asarray(v, bool) for v in _pair(a, b))
    union = (x | y).sum()
    return float((x & y).sum() / union) if union else 1.0


def _pair(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    x, y = np.asarray(a), np.asarray(b)
    if x.shape != y.shape or x.ndim != 2 or not x.size:
        raise ValueError(f"maps of shapes {x.shape} and {y.shape}: expected two of one shape (H, W)")
    return x, y


def _map(a: NDArray[np.generic]) -> NDArray[np.float64]:
    x = a.astype(np.float64)
    if not np.isfinite(x).all():
        raise ValueError("a map with NaN or infinity: expected finite numbers")
    return x


def _share(x: NDArray[np.float64]) -> NDArray[np.float64]:
    total = x.sum()
    if x.min() < 0 or total <= 0:
        raise ValueError("a map with negative or no saliency: expected numbers ≥ 0, some of them above")
    return x / total
