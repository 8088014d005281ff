"""From saliency to crops, by a rule that is ours: the article only says that salient areas "were then cropped".

1. blur by 3 % of the shorter side; 2. keep what reaches half of the maximum; 3. connected parts, at most three, the
one of most saliency first, none of less than 5 % of what was kept; 4. their boxes with a margin of 10 %, at least a
quarter of the shorter side, squared inside the frame. A map without any saliency gives the whole frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.vision.saliency.base import blur


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels [top, bottom) × [left, right) of an image, and the share of the kept saliency inside, in [0, 1]."""

    top: int
    left: int
    bottom: int
    right: int
    mass: float = 1.0

    def crop(self, images: Tensor) -> Tensor:
        """The part of images (..., H, W) inside: a slice, so that no gradient leaks out."""
        return images[..., self.top : self.bottom, self.left : self.right]

    @property
    def area(self) -> int:
        """In pixels."""
        return (self.bottom - self.top) * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class Cut:
    """The numbers of the rule.

    Attributes:
        threshold: of the maximum, above which a pixel is kept, in (0, 1].
        blur: standard deviation, as a share of the shorter side.
        most: boxes per image.
        least_mass: of the kept saliency that a part must hold.
        margin: added on each side, as a share of the box.
        least_side: of a box, as a share of the shorter side.
        square: grow the shorter side of a box to the longer.
    """

    threshold: float = 0.5
    blur: float = 0.03
    most: int = 3
    least_mass: float = 0.05
    margin: float = 0.1
    least_side: float = 0.25
    square: bool = True

    def __post_init__(self) -> None:
        if not (0 < self.threshold <= 1 and self.most >= 1 and 0 <= self.least_mass < 1 and self.blur >= 0):
            message = f"{self}: expected threshold in (0, 1], most ≥ 1, least_mass in [0, 1), blur ≥ 0"
            raise ValueError(message)
        if not (self.margin >= 0 and 0 < self.least_side <= 1):
            raise ValueError(f"{self}: expected margin ≥ 0 and least_side in (0, 1]")


def boxes(maps: Tensor, cut: Cut | None = None) -> tuple[tuple[Box, ...], ...]:
    """The boxes of each map (n, H, W), the one of most saliency first."""
    cut = cut or Cut()
    low = blur(maps.detach().double().cpu(), cut.blur * min(maps.shape[-2:]))
    return tuple(tuple(_boxes(one.numpy(), cut)) for one in low)


def _boxes(s: NDArray[np.float64], cut: Cut) -> Iterator[Box]:
    height, width = s.shape
    s = s - s.min()  # so that the rule does not mind a shift or a scale of the map
    if s.max() <= 1e-12:
        yield Box(0, 0, height, width)
        return
    kept = s >= cut.threshold * s.max() * (1 - 1e-9)
    labels = label(kept)
    mass = np.bincount(labels[kept], weights=s[kept])
    total = mass.sum()
    order = sorted(range(1, len(mass)), key=lambda i: -mass[i])
    for i in [i for i in order if mass[i] >= cut.least_mass * total][: cut.most]:
        rows, columns = np.nonzero(labels == i)
        yield _framed(rows, columns, (height, width), cut, float(mass[i] / total))


def _framed(
    rows: NDArray[np.intp], columns: NDArray[np.intp], size: tuple[int, int], cut: Cut, mass: float
) -> Box:
    """The box of some pixels, with margin, of a least size, moved into the frame."""
    spans = [(float(v.min()), float(v.max()) + 1) for v in (rows, columns)]
    lengths = [(high - low) * (1 + 2 * cut.margin) for low, high in spans]
    lengths = [max(length, cut.least_side * min(size)) for length in lengths]
    if cut.square:
        lengths = [max(lengths)] * 2
    ends: list[tuple[int, int]] = []
    for (low, high), length, side in zip(spans, lengths, size, strict=True):
        whole = min(side, round(length))
        start = min(max(0, round((low + high - whole) / 2)), side - whole)
        ends.append((start, start + whole))
    (top, bottom), (left, right) = ends
    return Box(top, left, bottom, right, mass)


def label(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Connected parts of a mask (H, W), counted from 1, neighbours across edges and corners; 0 is outside."""
    parent = [0]

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    # Runs of each row, joined with those they touch in the row above.
    labels = np.zeros(mask.shape, np.intp)
    above: list[tuple[int, int, int]] = []
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
        runs: list[tuple[int, int, int]] = []
        for start, stop in edges.reshape(-1, 2).tolist():
            touching = [root(other) for low, high, other in above if low <= stop and start <= high]
            if not touching:
                parent.append(len(parent))
                touching = [len(parent) - 1]
            for other in touching[1:]:
                parent[root(other)] = root(touching[0])
            runs.append((start, stop, touching[0]))
            labels[y, start:stop] = touching[0]
        above = runs
    roots = np.array([root(i) for i in range(len(parent))])
    _, dense = np.unique(roots, return_inverse=True)
    return dense.reshape(-1)[labels]


def random_boxes(
    like: tuple[tuple[Box, ...], ...], size: tuple[int, int], seed: int
) -> tuple[tuple[Box, ...], ...]:
    """Boxes of the same sizes anywhere in the frame (H, W): the control that saliency has to beat."""
    rng = np.random.Generator(np.random.PCG64(seed))

    def moved(box: Box) -> Box:
        height, width = box.bottom - box.top, box.right - box.left
        top, left = (
            int(rng.integers(0, side - part + 1)) for side, part in zip(size, (height, width), strict=True)
        )
        return Box(top, left, top + height, left + width, box.mass)

    return tuple(tuple(moved(box) for box in row) for row in like)


def share(maps: Tensor, row: tuple[Box, ...], index: int) -> list[float]:
    """Share of the saliency of image `index` inside each of its boxes."""
    total = float(maps[index].sum())
    return [float(box.crop(maps[index]).sum()) / total if total else 0.0 for box in row]


def outline(row: tuple[Box, ...], size: tuple[int, int]) -> Tensor:
    """Which pixels (H, W) lie in any of the boxes."""
    inside = torch.zeros(size, dtype=torch.bool)
    for box in row:
        inside[box.top : box.bottom, box.left : box.right] = True
    return inside
