"""Playground v2.5: SDXL's U-Net, trained as EDM has it (Karras et al. 2022, arXiv 2206.00364)."""

from __future__ import annotations

import inspect
import itertools
import math
from typing import final

from torch import Tensor

from guidewidgets.engine.families.base import Family, TextEmbedding
from guidewidgets.engine.families.stable_diffusion import StableDiffusionXL
from guidewidgets.engine.samplers.schedule import Point, Schedule, Stride


@final
class EDM(StableDiffusionXL):
    """Playground v2.5 (Li et al. 2024, arXiv 2402.17245).

    EDM adds noise s ε to a picture that stays as it is. Here that is scaled by α = 1/√(1 + s²), so that α² + σ² = 1 as
    elsewhere: the walk starts from standard normal noise, and samplers are the same.
    """

    defaults = (50, 3.0)
    samplers = Family.samplers

    def schedule(self, steps: int, size: tuple[int, int], sampler: str) -> Schedule:
        """The noise levels of the pipeline's scheduler; a scheduler of our own makes them."""
        del size, sampler
        kind, config = type(self.pipeline.scheduler), self.pipeline.scheduler.config
        known = set(inspect.signature(kind.__init__).parameters) & set(config)
        walk = kind(**{key: config[key] for key in known})
        train_steps = int(config["num_train_timesteps"])
        if not 1 <= steps <= train_steps:
            message = f"steps={steps}: expected a whole number from 1 to {train_steps}"
            raise ValueError(message)
        walk.set_timesteps(steps)
        points = [Point.of(1 / (1 + s**2)) for s in walk.sigmas.double().tolist()]
        pairs = zip(walk.timesteps.tolist(), itertools.pairwise(points), strict=True)
        return Schedule(tuple(Stride(t, now, then) for t, (now, then) in pairs), "sample", train_steps)

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`: x_0. The network is told t = ln(s)/4, and what it says is mixed with what it sees."""
        config = self.pipeline.scheduler.config
        s, data = math.exp(4 * t), float(config["sigma_data"])
        spread = math.sqrt(s**2 + data**2)
        x = x * math.sqrt(1 + s**2)
        answer = super().predict(x / spread, t, embeddings, size)
        sign = -1 if config["prediction_type"] == "v_prediction" else 1
        return (data / spread) ** 2 * x + sign * s * data / spread * answer
