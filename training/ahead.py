"""Scenes painted ahead by other processes while a model trains on those that are there already."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import torch
from torch import Tensor

from training import codec
from training import tokenizer as words
from training.world import captions
from training.world.paint import paint
from training.world.scene import World, make, rng_of

if TYPE_CHECKING:
    from diffusers import AutoencoderTiny
    from numpy.typing import NDArray
    from transformers import CLIPTokenizer

CHUNK: Final = 200  # scenes a painter hands over at once
TELLINGS: Final = 6  # captions per scene; a step draws one of them


@dataclass(frozen=True)
class Order:
    """The scenes `first` up to `first + count` of a world under `seed`; `partial` as in `captions.caption`."""

    world: World
    seed: int
    first: int
    count: int
    partial: float = 0.0

    def paint(self, tokenizer: CLIPTokenizer, start: int) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
        """Return the scenes from `start` on, at most `CHUNK`: (n, 64, 64, 3), and token ids (n, `TELLINGS`, tokens)."""
        indices = range(start, min(start + CHUNK, self.first + self.count))
        scenes = [make(self.world, self.seed, i) for i in indices]
        texts = [
            captions.caption(scene, rng_of(self.seed, i, 1 + k), self.partial)
            for i, scene in zip(indices, scenes, strict=True)
            for k in range(TELLINGS)
        ]
        ids = np.array(words.encode(tokenizer, texts), np.int16).reshape(len(scenes), TELLINGS, words.LENGTH)
        return np.stack([paint(scene).image for scene in scenes]), ids


class Scenes:
    """Latents and captions of the scenes of an order, in order of their numbers.

    Make it before anything has touched a GPU or started a thread: its painters are forks of this process.

    Args:
        order: which scenes.
        painters: number of processes.
        vae: encodes the pictures.
        tokenizer: reads the captions.
        device: of the VAE and of what is kept.
    """

    def __init__(
        self, order: Order, painters: int, vae: AutoencoderTiny, tokenizer: CLIPTokenizer, device: str = "cpu"
    ) -> None:
        self._pool = multiprocessing.get_context("fork").Pool(painters)
        starts = range(order.first, order.first + order.count, CHUNK)
        self._chunks = self._pool.imap(partial(order.paint, tokenizer), starts)
        self._vae, self.tokenizer = vae.to(device), tokenizer
        self._latents = torch.empty(order.count, codec.CHANNELS, 16, 16, dtype=torch.half, device=device)
        self._ids = torch.empty(order.count, TELLINGS, words.LENGTH, dtype=torch.short, device=device)
        self._silence = torch.tensor(words.encode(tokenizer, [""]), device=device)
        self.ready = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    @torch.no_grad()
    def take(self, *, wait: bool = False) -> bool:
        """Encode the next chunk if it is painted, or `wait` for it; return whether there was one."""
        if self.ready == len(self._latents):
            return False
        try:
            images, ids = self._chunks.next(None if wait else 0)
        except multiprocessing.TimeoutError:
            return False
        new = slice(self.ready, self.ready + len(images))
        device = self._latents.device
        scale = self._vae.config["scaling_factor"]
        self._latents[new] = self._vae.encoder(codec.to_tensor(images).to(device)) * scale
        self._ids[new] = torch.from_numpy(ids).to(device)
        self.ready = new.stop
        return True

    def batch(self, n: int, dropout: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw from what is there.

        Args:
            n: how many.
            dropout: share of captions replaced with the empty one.
            generator: draws, on the device.

        Returns:
            (n, 4, 16, 16) float32 scaled latents and (n, tokens) token ids.
        """
        device = self._latents.device
        picks = torch.randint(self.ready, (n,), generator=generator, device=device)
        telling = torch.randint(TELLINGS, (n,), generator=generator, device=device)
        silent = torch.rand(n, 1, generator=generator, device=device) < dropout
        ids = torch.where(silent, self._silence, self._ids[picks, telling].long())
        return self._latents[picks].float(), ids
