"""Sana-Sprint: Sana distilled to a consistency model of one to four steps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import torch
from torch import Tensor

from guidewidgets.engine.families.base import Family, Guidance, TextEmbedding, stack
from guidewidgets.engine.families.sana import Sana
from guidewidgets.engine.samplers.schedule import Point, Schedule, Stride

LAST = 1.57080  # where it begins, for π/2
MIDDLE = 1.3  # between the two steps that its makers advise


@final
class SanaSprint(Sana):
    """Sana-Sprint (Chen et al. 2025, arXiv 2503.09641), which is told its guidance.

    x = cos(t) x_0 + sin(t) ε from t = π/2 to 0, and the network, which was one of flow matching, is asked for
    v = cos(t) ε - sin(t) x_0 (TrigFlow: Lu and Song 2024, arXiv 2410.11081).
    """

    guidance = Guidance.EMBEDDED
    defaults = few = (2, 4.5)
    samplers = (*Family.samplers, "lcm")
    asked: ClassVar[Mapping[str, Any]] = {}

    def schedule(self, steps: int, size: tuple[int, int], sampler: str) -> Schedule:
        """Even in t, but for the two steps advised; the same for all sizes and samplers."""
        del size, sampler
        train_steps = int(self.pipeline.scheduler.config["num_train_timesteps"])
        if not 1 <= steps <= train_steps:
            message = f"steps={steps}: expected a whole number from 1 to {train_steps}"
            raise ValueError(message)
        times = [LAST * (1 - i / steps) for i in range(steps + 1)]
        if steps == 2:
            times[1] = MIDDLE
        points = [Point(0.0, 1.0), *(Point(math.cos(t), math.sin(t)) for t in times[1:])]
        strides = [
            Stride(t, now, then, Point(1.0, 0.0))
            for t, (now, then) in zip(times, itertools.pairwise(points), strict=False)
        ]
        return Schedule(tuple(strides), "v_prediction", train_steps)

    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """See `Family.predict`; the network sees x and t as flow matching has them, x_s = (1 - s) x_0 + s ε."""
        del size
        s = math.sin(t) / (math.cos(t) + math.sin(t))
        length = math.hypot(s, 1 - s)
        states, mask = stack(embeddings, x)
        told = torch.tensor([e.guidance for e in embeddings]).to(x) * self.config.guidance_embeds_scale
        answer = self.module(
            x * length,
            encoder_hidden_states=states,
            encoder_attention_mask=mask.to(x.dtype),
            guidance=told,
            timestep=torch.full((len(x),), s, dtype=x.dtype, device=x.device),
            return_dict=False,
        )[0]
        return ((1 - 2 * s) * x * length + (1 - 2 * s + 2 * s**2) * answer) / length
