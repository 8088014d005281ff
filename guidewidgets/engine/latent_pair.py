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

    def check_walk(
        self, sampler: str, steps: int | None, parameters: Mapping[str, float] | None, *, force: bool
    ) -> tuple[int, Mapping[str, float]]:
        """Steps and parameters to render these with; left out, they are those of the walk back.

        Raises:
            ValueError: they or the sampler differ from those of the walk back, and it is not forced.
        """
        steps, parameters = self.steps if steps is None else steps, parameters or self.sampler_parameters
        wanted = sampler, steps, dict(parameters)
        if not force and wanted != (self.sampler, self.steps, dict(self.sampler_parameters)):
            message = (
                f"pairs made by {self.sampler} in {self.steps} steps with {dict(self.sampler_parameters)}, rendered by "
                f"{sampler} in {steps} with {dict(parameters)}: that would not give their images (force=True)"
            )
            raise ValueError(message)
        return steps, parameters

    def __len__(self) -> int:
        return self.latents.shape[1]
