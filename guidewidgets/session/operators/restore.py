"""Restoring: candidates of given noise, such as a file's; `Session.restore` decides what a file is."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator
from guidewidgets.settings import RenderSettings


@dataclass(frozen=True, slots=True)
class Restore(Operator):
    """Given initial noise (n, C, H, W) under the session's settings."""

    name = "restore"
    colour = "#9a8c7c"
    title = "{images} from a file"

    latents: Tensor

    def check(self, engine: Engine) -> None:
        """See `Operator.check`: the noise fits the model."""
        engine.genomes(self.latents, "")

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        return self.offspring(engine, settings, seed, self.latents, [{}] * len(self.latents))
