"""Click mutation on the embedded model: how much the picture changes outside the clicked disc, with and without a lock.

Budget: with `lock=True`, outside the mask dilated by two latent pixels, at most 2 % of the mean change inside.
"""

from __future__ import annotations

import statistics
import sys

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.evolve import mutate_at
from guidewidgets.genome import Anchor
from guidewidgets.region import Region

RADIUS = 0.15
MARGIN = 2  # latent pixels
TOGETHER = 10


def main(clicks: int) -> None:
    """Measure random clicks on random pictures and write."""
    engine = Engine.load()
    rng = np.random.default_rng(0)
    ratios: dict[str, list[float]] = {"locked": [], "free": []}
    for first in range(0, clicks, TOGETHER):
        count = min(TOGETHER, clicks - first)
        parents = engine.genomes(engine.noise(count, seed=first), "a fox on a beach")
        children: dict[str, list[object]] = {"locked": [], "free": []}
        masks = []
        for i, parent in enumerate(parents):
            region = Region.points([tuple(rng.random(2))], RADIUS)
            latents, mask = mutate_at(parent.latent, region, n=1, seed=first + i)
            child = parent.replace(latent=latents[0])
            children["free"].append(child)
            children["locked"].append(child.replace(anchor=Anchor(parent, region)))
            masks.append(mask)
        before = last(engine, parents)
        for how, family in children.items():
            change = (last(engine, family) - before).abs().mean(1)
            for i, mask in enumerate(masks):
                inside = enlarge(mask, engine.codec.factor, 0)
                outside = ~enlarge(mask, engine.codec.factor, MARGIN)
                ratios[how].append((change[i][outside].mean() / change[i][inside].mean()).item())
    figures = {
        how: {
            "clicks": len(values),
            "outside_to_inside_median": round(statistics.median(values), 4),
            "outside_to_inside_mean": round(statistics.mean(values), 4),
            "outside_to_inside_max": round(max(values), 4),
        }
        for how, values in ratios.items()
    }
    how = {"model": engine.revision, "sampler": parents[0].sampler, "steps": parents[0].steps}
    write("locality", how | figures)


def last(engine: Engine, genomes: list) -> torch.Tensor:
    """Finished images."""
    *_, step = engine.sample(genomes)
    return engine.decode(step.x)


def enlarge(mask: torch.Tensor, factor: int, margin: int) -> torch.Tensor:
    """A latent mask in pixels, dilated by latent pixels."""
    wide = F.max_pool2d(mask[None, None].float(), 2 * margin + 1, 1, margin)
    return F.interpolate(wide, scale_factor=factor)[0, 0].bool()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
