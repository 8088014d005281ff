"""How surely a picture holds each concept of its prompt, by the model's own account: no other network looks.

The lift of a concept c is how much better the model denoises a finished latent z_0 when it is told c,

    lift(c) = mean over a few noise levels of  |v̂(∅) - v|² - |v̂(c) - v|²,     v = α ε - σ z_0,

an estimate of log p(z_0 | c) - log p(z_0) up to the weights of the levels (the idea of CompLift, Yu & Gao 2025,
arXiv 2505.13740). A picture holds a composition as surely as the concept it holds least.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.base import to_prediction
from guidewidgets.prompt import Prompt
from guidewidgets.prompt.spoken import named
from guidewidgets.region import Region

Holds = dict[str, float]
"""Concept → lift; above 0 where the picture is likelier with it than without."""

LEVELS = (0.5, 0.6, 0.7, 0.8)
"""Where on the schedule the network is asked, as shares of the steps done.

Chosen in a small try with the embedded model whose figures were not kept: earlier levels see the layout only. Picking
asks at levels of its own, chosen by `benchmarks/pick_tuning.py`.
"""
GRID = 20  # steps of the schedule that the levels lie on


def lifts(
    engine: Engine,
    latents: Tensor,
    prompts: Sequence[Prompt],
    seed: int = 0,
    levels: Sequence[float] = LEVELS,
    *,
    negated: bool = False,
) -> Generator[None, None, list[Holds]]:
    """Lift of every concept that a prompt asks for; yields after each call of the network.

    All pictures get the same noise, so that their lifts compare. A concept with a region is looked for in it alone;
    those by other models have no lift.

    Args:
        engine: that made the pictures.
        latents: finished, (n, C, H, W).
        prompts: of each, without OR.
        seed: of the noise.
        levels: shares of the schedule, in [0, 1).
        negated: whether concepts that are not to be there count as well: "NOT c" has the lift of c with its sign
            turned, and is above 0 where the picture is likelier without c.

    Returns:
        Of each picture: its concepts' lifts.
    """
    z = latents.detach().to(engine.device, torch.float32)
    size = z.shape[-1] * engine.codec.factor, z.shape[-2] * engine.codec.factor
    concepts = [
        [c for c in p.concepts() if c.shown or (negated and c.weight < 0 and c.model is None)]
        for p in prompts
    ]
    images = torch.tensor([i for i, some in enumerate(concepts) for _ in ("", *some)])
    texts = [text for some in concepts for text in ("", *(c.text for c in some))]
    schedule = engine.schedule(GRID, size)
    noise = engine.noise(len(levels), seed, size).to(z)
    errors = torch.zeros(len(texts), *z.shape[-2:], device=z.device)
    for level, epsilon in zip(levels, noise, strict=True):
        stride = schedule.strides[int(level * GRID)]
        x = stride.now.alpha * z + stride.now.sigma * epsilon
        with engine.network.lock, torch.no_grad():
            output = engine.network.ask(x, images, texts, stride.t, size)
        guess = to_prediction(output, x[images], stride, schedule.prediction).denoised
        # An error of x̂_0 is σ times that of v, for ε, v and flow models alike.
        errors += ((guess - z[images]) / stride.now.sigma).square().mean(1) / len(levels)
        yield
    found: list[Holds] = []
    row = 0
    for some in concepts:
        gain = errors[row] - errors[row + 1 : row + 1 + len(some)]
        masks = [torch.ones_like(errors[0]) if c.region is None else _mask(c.region, errors) for c in some]
        held = [float((g * m).sum() / m.sum().clamp(min=1)) for g, m in zip(gain, masks, strict=True)]
        found.append({named(c): one if c.shown else -one for c, one in zip(some, held, strict=True)})
        row += 1 + len(some)
    return found


def _mask(region: Region, like: Tensor) -> Tensor:
    """Where a region is, 1 inside and 0 outside, of the last two dimensions of a tensor."""
    return torch.from_numpy(region.mask(*like.shape[-2:])).to(like)
