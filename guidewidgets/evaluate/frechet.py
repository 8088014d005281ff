"""Fréchet distance of two sets of pictures, on whatever features are given: never an FID, which names one network.

d² = ‖μ_a - μ_b‖² + tr(C_a + C_b - 2 (C_a^½ C_b C_a^½)^½)   (Dowson & Landau 1982; Heusel et al. 2017 use it for FID)

It is biased upwards for few pictures, and the more so the more numbers a picture has: compare figures of equal sample
sizes only, which is why every figure carries its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from guidewidgets.vision.encoder import ClipEncoder


@final
@dataclass(frozen=True, slots=True)
class Frechet:
    """A Fréchet distance with what it was measured on.

    Args:
        distance: d², 0 for equal means and covariances.
        features: whose they are.
        a: pictures in the first set.
        b: pictures in the second set.
        dimension: numbers per picture.
    """

    distance: float
    features: str
    a: int
    b: int
    dimension: int

    def __str__(self) -> str:
        counts = f"{self.a:,} and {self.b:,} pictures of {self.dimension} numbers each"
        return f"Fréchet distance {self.distance:.4g} on {self.features} features ({counts}; not an FID)"


def frechet_distance(a: Tensor | NDArray[np.float64], b: Tensor | NDArray[np.float64]) -> float:
    """The distance d² of two sets of features.

    Args:
        a: (n, D), n ≥ 2.
        b: (m, D), m ≥ 2.

    Raises:
        ValueError: the sets are too small, do not fit together, or hold numbers that are not finite.
    """
    first, second = (np.asarray(x.detach().cpu() if isinstance(x, Tensor) else x, np.float64) for x in (a, b))
    for x in (first, second):
        if x.ndim != 2 or len(x) < 2 or x.shape[1] != first.shape[1] or not np.isfinite(x).all():
            message = f"features of shapes {first.shape} and {second.shape}: expected finite (n, D), (m, D), n, m ≥ 2"
            raise ValueError(message)
    gap = first.mean(0) - second.mean(0)
    covariances = [np.atleast_2d(np.cov(x, rowvar=False)) for x in (first, second)]
    root = _square_root(covariances[0])
    # The same trace as of (C_a C_b)^½, from a symmetric matrix: no complex numbers, no failures to converge.
    cross = np.linalg.eigvalsh(root @ covariances[1] @ root).clip(min=0)
    traces = sum(float(np.trace(c)) for c in covariances)
    return max(0.0, float(gap @ gap) + traces - 2 * float(np.sqrt(cross).sum()))


def frechet(images_a: Tensor, images_b: Tensor, judge: ClipEncoder, name: str = "judge") -> Frechet:
    """The distance of two sets of pictures (n, 3, H, W) in [0, 1], on an encoder's image vectors.

    Args:
        images_a: pictures that were made.
        images_b: pictures they should be like.
        judge: the encoder.
        name: of the encoder, for the report.

    Raises:
        ValueError: a set is too small.
    """
    a, b = judge.images(images_a), judge.images(images_b)
    return Frechet(frechet_distance(a, b), name, len(a), len(b), a.shape[1])


def _square_root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
