"""The known noun that explains pictures best, by the embedded model's own loss: where a new word might begin."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from guidewidgets.concept import Concept
from guidewidgets.engine import Engine
from guidewidgets.engine.model.spoken import tables
from guidewidgets.engine.samplers.base import to_prediction

GRID = 40  # steps of the schedule that the levels lie on
LEVELS = (6, 14, 22, 28)
"""Steps at which every noun is asked; the best of them are asked at `AGAIN` too."""
AGAIN = (6, 10, 14, 18, 20, 22, 26, 28)
BEST = 12


def nearest(engine: Engine, latents: Tensor, seed: int = 0) -> tuple[str, dict[str, Tensor]]:
    """The noun with the least loss on pictures, and its vector, (1, D), by text encoder; all get the same noise.

    Args:
        engine: the embedded model, whose nouns are one token each.
        latents: of the pictures, (n, C, H, W).
        seed: of the noise.
    """
    (table,) = tables(engine.network.family).values()
    tokenizer = engine.pipeline.tokenizer
    left: dict[str, Tensor] = {}
    for noun in (engine.words or {})["nouns"]:
        ids = tokenizer(noun, add_special_tokens=False).input_ids
        left[noun] = table(torch.tensor(ids)).detach()
    total = dict.fromkeys(left, 0.0)
    chance = torch.Generator().manual_seed(seed)
    for levels in (LEVELS, AGAIN):
        which = torch.randint(len(latents), (len(levels),), generator=chance)
        epsilon = torch.randn(len(levels), *latents.shape[1:], generator=chance)
        for noun, loss in zip(left, _losses(engine, left, latents[which], epsilon, levels), strict=True):
            total[noun] += loss
        left = {noun: left[noun] for noun in sorted(left, key=lambda n: total[n])[:BEST]}
    noun = min(left, key=lambda n: total[n])
    return noun, {"text_encoder": left[noun]}


@torch.no_grad()
def _losses(
    engine: Engine, vectors: dict[str, Tensor], z: Tensor, epsilon: Tensor, levels: Sequence[int]
) -> list[float]:
    """Squared error of v, told "a" and each of some words, summed over levels, each with its picture and noise."""
    network, schedule = engine.network, engine.schedule(GRID)
    said = [
        network.texts.learning("a zork", Concept("zork", {"text_encoder": v}), {"text_encoder": v})
        for v in vectors.values()
    ]
    rows = torch.zeros(len(said), dtype=torch.long)
    total = torch.zeros(len(said))
    for one, noise, level in zip(z, epsilon, levels, strict=True):
        stride = schedule.strides[level]
        x = (stride.now.alpha * one + stride.now.sigma * noise)[None]
        output = network.predict(x, rows, said, stride.t, engine.size)
        guess = to_prediction(output, x[rows], stride, schedule.prediction).denoised
        total += ((guess - one) / stride.now.sigma).square().flatten(1).mean(1)
    return total.tolist()
