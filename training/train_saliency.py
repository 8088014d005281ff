"""Train the saliency net: the blurred footprint of objects, and spectral residual where nothing stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from guidewidgets.vision.nets import SaliencyNet
from guidewidgets.vision.saliency import SpectralResidual
from training import pool
from training.flat import load
from training.loop import Run, fit
from training.world.scene import SECOND_STAGE, World

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

SIGMA: Final = 1.5  # of the blur, in cells of 2 pixels
PRIOR: Final = 0.15  # share of the spectral residual in the goal of pictures with objects
_EMPTY: Final = 0.3  # height of the goal where there is no object
_TESTS: Final = World(SECOND_STAGE.nouns, {"flat": 1.0}, (0.0, 0.5, 0.4, 0.1), styled=0.1)


def make() -> SaliencyNet:
    """Return an untrained net."""
    torch.manual_seed(61)
    return SaliencyNet()


def goal(images: Tensor, cover: Tensor) -> Tensor:
    """Return maps (n, 32, 32) in [0, 1] to learn.

    The footprint of all objects, blurred and stretched to a peak of 1, with a little spectral residual mixed in;
    without objects the spectral residual alone, kept low.

    Args:
        images: (n, 3, 64, 64) in [0, 1].
        cover: (n, 3, 32, 32) in [0, 1], see `pool.Pool`.
    """
    foot = footprint(cover)
    prior = F.avg_pool2d(SpectralResidual()(images)[:, None], 2)[:, 0]
    there = (foot.amax((1, 2), keepdim=True) > 0).float()
    return there * ((1 - PRIOR) * foot + PRIOR * prior) + (1 - there) * _EMPTY * prior


def footprint(cover: Tensor) -> Tensor:
    """Return (n, 32, 32), all objects' cover blurred, its peak 1 where there is an object."""
    x = torch.arange(-5, 6, dtype=torch.float32)
    kernel = torch.exp(-(x**2) / (2 * SIGMA**2))
    kernel = kernel / kernel.sum()
    foot = cover.sum(1, keepdim=True).clamp(max=1)
    foot = F.conv2d(F.pad(foot, (5, 5, 0, 0), mode="replicate"), kernel.view(1, 1, 1, -1))
    foot = F.conv2d(F.pad(foot, (0, 0, 5, 5), mode="replicate"), kernel.view(1, 1, -1, 1))[:, 0]
    return foot / foot.amax((1, 2), keepdim=True).clamp(min=0.05)


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Return the Pearson correlation of each map (n, H, W) with its partner, (n,)."""
    a, b = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (a, b))
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1)).clamp(min=1e-6)


def train(run: Run, folder: Path, drawn: pool.Pool, tests: int = 400) -> dict[str, float]:
    """Train in `folder` on painted scenes.

    Returns:
        Correlation with the footprint, and share of peaks inside objects, on unseen true renders.
    """
    torch.set_num_threads(1)
    net = make()
    unseen = pool.paint_parts(pool.Part(_TESTS, 7600, tests))
    generator, rng = torch.Generator().manual_seed(62), np.random.default_rng(62)

    def loss(step: int) -> Tensor:
        picks = rng.integers(len(drawn.scenes), size=run.batch)
        images, cover = pool.batch(drawn.images, picks), torch.from_numpy(drawn.cover[picks]).float() / 255
        if step % 2:
            images, cover = images.flip(3), cover.flip(3)
        maps, wanted = net.logits(pool.augment(images, generator, shift=0)).float(), goal(images, cover)
        likely = F.binary_cross_entropy_with_logits(maps, wanted)
        return likely + 0.5 * (1 - correlation(maps.sigmoid(), wanted)).mean()

    def report(weights: dict[str, Tensor]) -> dict[str, float]:
        tested = make()
        load({"net": tested}, weights)
        return measure(tested, unseen)

    return fit("saliency", {"net": net}, loss, report, folder, run)


@torch.no_grad()
def measure(net: SaliencyNet, pictures: pool.Pool) -> dict[str, float]:
    """Return the mean correlation with the blurred footprint, and how often the peak lies on an object."""
    images = torch.from_numpy(pictures.images).permute(0, 3, 1, 2).float() / 255
    cover = torch.from_numpy(pictures.cover).float() / 255
    maps = torch.cat([net.logits(chunk).sigmoid() for chunk in images.split(100)])
    peaks = maps.flatten(1).argmax(1, keepdim=True)
    inside = cover.sum(1).flatten(1).gather(1, peaks) > 0.5
    return {"cc": correlation(maps, footprint(cover)).mean().item(), "peak": inside.float().mean().item()}
