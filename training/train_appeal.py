"""Train the head of appeal on `guide`'s image vectors. Appeal is a formula, not human taste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from guidewidgets.vision.nets import AppealHead
from training.flat import load
from training.loop import Run, fit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from training import pool

# Means and standard deviations of contrast, colour, separation, size and centring over painted scenes, so that each
# weighs the same.
SCALE: Final = ((0.153, 0.057), (0.312, 0.145), (0.464, 0.224), (0.613, 0.208), (0.598, 0.232))


def parts_of(images: Tensor, cover: Tensor) -> Tensor:
    """Return the five parts of appeal, (n, 5).

    - contrast: standard deviation of luma over the picture.
    - colour: colourfulness √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb) (Hasler and Süsstrunk 2003), channels in [0, 1].
    - separation: distance of the mean colours inside and outside of the objects; 0 without objects.
    - size: 1 where the objects fill 30 % of the picture, falling linearly to 0 at nothing and at 60 %.
    - centring: 1 where the objects' centre is the picture's, falling linearly to 0 at a distance of 0.35.

    Args:
        images: (n, 3, H, W) in [0, 1].
        cover: (n, 3, 32, 32) in [0, 1], see `pool.Pool`.
    """
    red, green, blue = images.unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    rg, yb = (red - green).flatten(1), (0.5 * (red + green) - blue).flatten(1)
    colour = (rg.var(1) + yb.var(1)).sqrt() + 0.3 * (rg.mean(1) ** 2 + yb.mean(1) ** 2).sqrt()
    mask = cover.sum(1).clamp(max=1)
    small = torch.nn.functional.avg_pool2d(images, images.shape[-1] // mask.shape[-1])
    area = mask.mean((1, 2))
    inside = (small * mask[:, None]).mean((2, 3)) / area[:, None].clamp(min=1e-3)
    outside = (small * (1 - mask[:, None])).mean((2, 3)) / (1 - area)[:, None].clamp(min=1e-3)
    there = (area > 0.01).float()
    separation = (inside - outside).norm(dim=1) * there
    size = (1 - (area - 0.3).abs() / 0.3).clamp(min=0)
    place = (torch.arange(mask.shape[-1]) + 0.5) / mask.shape[-1] - 0.5
    x = (mask.mean(1) * place).mean(1) / area.clamp(min=1e-3)
    y = (mask.mean(2) * place).mean(1) / area.clamp(min=1e-3)
    centring = (1 - (x**2 + y**2).sqrt() / 0.35).clamp(min=0) * there
    return torch.stack([luma.flatten(1).std(1), colour, separation, size, centring], 1)


def appeal(images: Tensor, cover: Tensor) -> Tensor:
    """Return the mean of the five parts, each in standard deviations from its mean over painted scenes, (n,)."""
    mean, deviation = torch.tensor(SCALE).T
    return ((parts_of(images, cover) - mean) / deviation).mean(1)


def train(
    run: Run, folder: Path, drawn: pool.Pool, features: Callable[[Tensor], Tensor], scenes: int = 8000
) -> dict[str, float]:
    """Train in `folder`; return how well the head knows the appeal of unseen renders (the last eighth).

    Args:
        run: how long.
        folder: working files.
        drawn: painted scenes.
        features: images (n, 3, 64, 64) in [0, 1] to guide's unit vectors (n, D).
        scenes: how many of them are used, drawn evenly.
    """
    torch.set_num_threads(1)
    picks = np.linspace(0, len(drawn.scenes) - 1, min(scenes, len(drawn.scenes))).astype(int)
    images = torch.from_numpy(drawn.images[picks]).permute(0, 3, 1, 2)
    cover = torch.from_numpy(drawn.cover[picks])
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(73))
    vectors, wanted = [], []
    with torch.no_grad():
        for chunk in order.split(100):
            seen, where = images[chunk].float() / 255, cover[chunk].float() / 255
            vectors.append(features(seen))
            wanted.append(appeal(seen, where))
    x, y = torch.cat(vectors), torch.cat(wanted)
    known = len(x) * 7 // 8
    rng = np.random.default_rng(72)
    torch.manual_seed(71)
    head = AppealHead(x.shape[1])

    def loss(_: int) -> Tensor:
        picks = rng.integers(known, size=run.batch)
        return (head(x[picks]) - y[picks]).pow(2).mean()

    @torch.no_grad()
    def report(weights: dict[str, Tensor]) -> dict[str, float]:
        tested = AppealHead(x.shape[1])
        load({"net": tested}, weights)
        told, true = tested(x[known:]), y[known:]
        return {
            "r2": 1 - ((told - true) ** 2).mean().item() / true.var().item(),
            "correlation": torch.corrcoef(torch.stack([told, true]))[0, 1].item(),
        }

    return fit("appeal", {"net": head}, loss, report, folder, run)
