"""What transformers on flow matching have in common: patches of the latent as tokens, and a schedule by size."""

from __future__ import annotations

from abc import ABC
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Family
from guidewidgets.engine.samplers.flow import flow_schedule, shift_of
from guidewidgets.engine.samplers.schedule import Schedule

# Activations alive at once in units of tokens · hidden width: the residual, q, k and v, and a four times wider MLP.
ROW_FLOATS = 16
TEXT_TOKENS = 512


class Transformer(Family, ABC):
    """A transformer that predicts v = ε - x_0; subclasses say how it is asked.

    Attributes:
        from_steps: see `flow_schedule`.
    """

    part = "transformer"
    unit = 2
    from_steps = True
    attends = r"\battn$"

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        _, height, width = self.latent_shape
        tokens = height * width // self.unit**2 + TEXT_TOKENS
        self.row_floats = ROW_FLOATS * tokens * self.hidden()

    def hidden(self) -> int:
        """Width of the network's tokens."""
        return int(self.config.num_attention_heads * self.config.attention_head_dim)

    def schedule(self, steps: int, size: tuple[int, int], sampler: str) -> Schedule:
        """From the numbers in the pipeline's scheduler, shifted towards the noise for larger pictures if it says so."""
        del sampler
        width, height = (side // (self.factor * self.unit) for side in size)
        config = self.pipeline.scheduler.config
        return flow_schedule(config, steps, self.mu(width * height, steps), from_steps=self.from_steps)

    def mu(self, tokens: int, steps: int) -> float:
        """How far the schedule is shifted for a picture of so many patches."""
        del steps
        return shift_of(self.pipeline.scheduler.config, tokens)


class Packed(Transformer, ABC):
    """One that sees patches of 2 × 2 latent pixels as tokens; see `pack`."""

    def channels(self) -> int:
        """Four of the network's are one of the latent's."""
        return int(self.config.in_channels) // 4


def places(like: Tensor, *sides: int) -> Tensor:
    """Coordinates of each place of a box, for every row, (rows, places, axes)."""
    axes = [torch.arange(side, device=like.device) for side in sides]
    return torch.cartesian_prod(*axes).expand(len(like), -1, -1)


def pack(x: Tensor) -> Tensor:
    """Latents (n, C, H, W) to patches of 2 × 2 as tokens, (n, H/2 · W/2, 4 C), channels slowest within one."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(n, h * w // 4, 4 * c)


def unpack(tokens: Tensor, height: int, width: int) -> Tensor:
    """What `pack` made, back to (n, C, `height`, `width`)."""
    n, _, d = tokens.shape
    x = tokens.reshape(n, height // 2, width // 2, d // 4, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return x.reshape(n, d // 4, height, width)


def rescaled(tokens: Tensor, like: Tensor) -> Tensor:
    """Vectors along the last axis, brought to the length of those of `like`."""
    length = tokens.norm(dim=-1, keepdim=True).clamp_min(torch.finfo(tokens.dtype).tiny)
    return tokens * (like.norm(dim=-1, keepdim=True) / length)
