"""Search over paths (Ma et al. 2025, arXiv 2501.09732): noise is added again on the way, and the best goes on.

N latents are walked to a noise level. From there on each gets COPIES copies that are noised again, BACK steps back, by

    x_t = (α_t / α_s) x_s + √(σ_t² - (α_t σ_s / α_s)²) ε

which are walked to one step beyond; of all copies the N that promise most, by the guess x̂_0, go on. Where nothing is
preferred the copies are distributed as x_t is, so the search leaves the model's distribution only by what it prefers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.samplers.base import Predict, Sampler
from guidewidgets.engine.samplers.noise import Stream, draw
from guidewidgets.engine.samplers.schedule import Point
from guidewidgets.guide.verifier import Looked, Verifier

COPIES, BACK = 2, 1


def begin(steps: int) -> int:
    """Steps that are walked before the first copies: two in five, when the layout stands."""
    return max(BACK, min(steps - 1, round(0.4 * steps)))


def cost(steps: int, look: int) -> int:
    """Network evaluations of one path, where a look takes so many."""
    if steps == 1:
        return 1 + look
    return begin(steps) + (steps - begin(steps)) * COPIES * (BACK + 1 + look)


def walk(
    sampler: Sampler,
    predict: Predict,
    x: Tensor,
    look: Verifier,
    seed: int,
    lock: AbstractContextManager[object],
) -> Iterator[Looked | None]:
    """Walk paths; yields the copies at each look, the last of them finished, and None between the steps.

    Args:
        sampler: carries one latent, without noise of its own.
        predict: the guided prediction.
        x: to start from, (n, C, H, W).
        look: judges.
        seed: of the noise that is added.
        lock: of the networks, held for a step at a time.
    """
    n, strides, spent = len(x), sampler.schedule.strides, 0
    steps = len(strides)
    for k in range(min(steps, begin(steps))):
        with lock, torch.no_grad():
            (x,), _ = sampler.step((x,), k, predict)
        spent += n
        yield None
    if steps == 1:
        yield Looked(spent + n * look.cost, x, look.losses(x))
        return
    for k in range(begin(steps), steps):
        # As many rows at a time as the prediction is prepared for.
        ends, guesses = list[Tensor](), list[Tensor]()
        for copy in range(COPIES):
            y = noised(x, strides[k].now, strides[k - BACK].now, seed, COPIES * k + copy)
            for j in range(k - BACK, k + 1):
                with lock, torch.no_grad():
                    (y,), said = sampler.step((y,), j, predict)
                spent += n
                if j == k:
                    ends.append(y)
                    guesses.append(y if k == steps - 1 else said.denoised)
                yield None
        z = torch.cat(guesses)
        losses = look.losses(z)
        spent += len(z) * look.cost
        yield Looked(spent, z, losses)
        x = torch.cat(ends)[losses.argsort(stable=True)[:n].to(x.device)]


def noised(x: Tensor, now: Point, then: Point, seed: int, k: int) -> Tensor:
    """Latents (n, C, H, W) with more noise; each gets its own, the k-th time that there is any."""
    keep = then.alpha / now.alpha
    scale = math.sqrt(max(0.0, then.sigma**2 - (keep * now.sigma) ** 2))
    own = int(np.random.SeedSequence((seed, k)).generate_state(1)[0])
    channels, height, width = x.shape[1:]
    return keep * x + scale * draw(len(x), (channels, height, width), own, Stream.SEARCH).to(x)
