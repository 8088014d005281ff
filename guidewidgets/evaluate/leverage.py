"""Leverage: how far a picture moves when its noise, its prompt's embedding or an early step moves by the same share.

Classic diffusion models are led by their noise; some newer ones paint one picture per prompt whatever the noise is.
What to steer by is therefore measured, for this model and this prompt, before anybody wonders why nothing changes.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.noise import Stream, draw
from guidewidgets.evolve.embedding import draw_offsets
from guidewidgets.evolve.mutate import rotate
from guidewidgets.genome import Genome
from guidewidgets.prompt import Literal
from guidewidgets.settings import PLAIN_WALK

SHARE = 0.3  # of what is moved that is new: sin t of the rotation
MOST_IMAGES = 16
EARLY = 0.2  # of the steps, after which noise is renewed
WEAK = 0.5  # noise is weak where it moves the picture less than this share of what the embedding does
LEVERS = ("noise", "embedding", "early")


@dataclass(frozen=True, slots=True)
class Leverage:
    """How far pictures moved, in levels of 255, means over all pixels and colours.

    Attributes:
        noise: 30 % of the initial noise was renewed.
        embedding: noise of 30 % of its spread was added to the prompt's embedding.
        early: 30 % of what was left of the noise was renewed after a fifth of the steps.
        maps: where, by lever: (H, W) levels.
        images: how many pictures this was measured on.
    """

    noise: float
    embedding: float
    early: float
    maps: dict[str, NDArray[np.float32]]
    images: int

    @property
    def weak_noise(self) -> bool:
        """Whether the noise moves the picture less than half as far as the embedding does."""
        return self.noise < WEAK * self.embedding


def measure(engine: Engine, genomes: Sequence[Genome], seed: int = 0) -> Generator[None, None, Leverage]:
    """Measure leverage around some genomes; yields after every denoising step, returns the result.

    Args:
        engine: of the genomes' model.
        genomes: at least one, of one prompt, that share sampler, steps and size.
        seed: of the new noise.

    Raises:
        ValueError: no genome.
    """
    check_number("images", len(genomes), 1)
    bare = {**PLAIN_WALK, "anchor": None, "embedding_offset": None, "pair": None}
    plain = [g.replace(**bare) for g in genomes]
    before = yield from _painted(engine, plain)
    turned = [
        g.replace(latent=rotate(g.latent, [math.asin(SHARE)], seed + i)[0]) for i, g in enumerate(plain)
    ]
    # One offset for all its concepts: their states have one shape, and mostly one spread.
    said = next((node.text for node in plain[0].prompt.walk() if isinstance(node, Literal)), "")
    states = engine.network.encoded(said).states.cpu()
    offsets = draw_offsets(len(plain), states, SHARE, seed)
    shifted = [g.replace(embedding_offset=o) for g, o in zip(plain, offsets, strict=True)]
    maps: dict[str, NDArray[np.float32]] = {}
    for lever, moved in (("noise", turned), ("embedding", shifted), ("early", plain)):
        after = yield from _painted(engine, moved, seed if lever == "early" else None)
        maps[lever] = ((after - before).abs().mean((0, 1)) * 255).float().cpu().numpy()
    means = {lever: float(maps[lever].mean()) for lever in LEVERS}
    return Leverage(**means, maps=maps, images=len(plain))


def _painted(
    engine: Engine, genomes: Sequence[Genome], renewed: int | None = None
) -> Generator[None, None, Tensor]:
    """Finished images (n, 3, H, W); with `renewed`, noise of this seed takes over a share of it at an early step."""
    if renewed is None:
        made = yield from engine.renderer.latents(genomes)
        return engine.decode(made.to(engine.device))
    run = engine.walk(genomes)
    strides = run.sampler.schedule.strides
    at = max(1, round(EARLY * len(strides)))
    state, guess = run.start(), torch.zeros(())
    for k, stride in enumerate(strides):
        with run.lock, torch.no_grad():
            state, said = run.sampler.step(state, k, run.predict)
        if k == at:
            # The guess is a step old: close enough to tell the noise in x from what is there already.
            x, point = state[0], stride.then
            c, h, w = x.shape[1:]
            fresh = draw(len(x), (c, h, w), renewed, Stream.LEVERAGE).to(x)
            noise = (x - point.alpha * guess) / max(point.sigma, 1e-6)
            mixed = math.sqrt(1 - SHARE**2) * noise + SHARE * fresh
            state = (point.alpha * guess + point.sigma * mixed,)
        guess = said.denoised
        yield
    return engine.decode(state[0])
