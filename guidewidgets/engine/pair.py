"""Pairs of latents that an invertible sampler made of real images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from guidewidgets.prompt import Prompt


@dataclass(frozen=True, slots=True, eq=False)
class LatentPair:
    """What `Engine.invert` gives and `Engine.render` takes back.

    Attributes:
        latents: (2, n, C, H, W), float64 where the device has it.
        prompt: the images were inverted with; render with another one to edit.
        steps: of the walk; rendering needs the same.
        guidance: the images were inverted with.
        sampler: of the walk; rendering needs the same.
        sampler_parameters: of the sampler.
    """

    latents: Tensor
    prompt: Prompt
    steps: int
    guidance: float
    sampler: str
    sampler_parameters: Mapping[str, float] = field(default_factory=dict[str, float])

    def __len__(self) -> int:
        return self.latents.shape[1]
