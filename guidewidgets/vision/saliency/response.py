"""Where the text changes what the denoiser says: |ε_c - ε_u|, used as saliency by MagicFusion (Zhao et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.vision.saliency.base import Saliency, blur, upscale

POINTS = (
    0.35,
    0.55,
    0.75,
)  # of the way from noise to picture: earlier there is no layout, later only texture
TRAINED_STEPS = 20


@final
class Response(Saliency):
    """How strongly the noise that the network sees in the image depends on the prompt.

    The image is encoded, noised with fixed noise to a few points of the schedule, and the network asked with and
    without the text: so it works for any image, of this model or not.
    """

    kind = "text"

    def __init__(self, engine: Engine, prompt: str, points: Sequence[float] = POINTS) -> None:
        """Take the text whose influence is shown.

        Args:
            engine: whose network is asked.
            prompt: one concept; it is not parsed.
            points: of the schedule, 0 is noise and towards 1 the picture.
        """
        engine.network.family.tokens.check(prompt)
        self._engine, self._prompt, self._points = engine, prompt, check_points(points)

    @property
    def name(self) -> str:
        """Response to the prompt."""
        return f"response to {self._prompt!r}"

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`."""
        n, size = len(images), (images.shape[-1], images.shape[-2])
        total = torch.zeros(())
        rows = torch.arange(n).repeat(2)
        texts = [""] * n + [self._prompt] * n
        for x, t in noised(self._engine, images, self._points):
            with self._engine.lock:
                answer = self._engine.network.ask(x, rows, texts, t, size).float()
            total = total + (answer[n:] - answer[:n]).abs().mean(1)
        return upscale(blur(total, 0.5), (images.shape[-2], images.shape[-1]))


def noised(engine: Engine, images: Tensor, points: Sequence[float]) -> list[tuple[Tensor, float]]:
    """Images as the network meets them at points of the schedule: latents (n, C, h, w) and timestep of each."""
    z = engine.encode(images)
    # One for all images, so that a batch is as good as one by one.
    noise = draw(1, (z.shape[1], z.shape[2], z.shape[3]), 0).to(z)
    strides = engine.schedule(TRAINED_STEPS, (images.shape[-1], images.shape[-2])).strides
    chosen = [strides[round(point * (len(strides) - 1))] for point in points]
    return [(s.now.alpha * z + s.now.sigma * noise, s.t) for s in chosen]


def check_points(points: Sequence[float]) -> tuple[float, ...]:
    """Refuse points outside of [0, 1]."""
    if not points or not all(0 <= point <= 1 for point in points):
        raise ValueError(f"points={tuple(points)!r}: expected some numbers in [0, 1]")
    return tuple(float(point) for point in points)
