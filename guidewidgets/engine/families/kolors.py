"""Kolors: SDXL's U-Net, with a language model's states as text."""

from __future__ import annotations

from typing import final

from guidewidgets.engine.families.stable_diffusion import StableDiffusionXL


@final
class Kolors(StableDiffusionXL):
    """Kolors (Kuaishou 2024), which reads English and Chinese. Its states are padded on the left."""

    text_tokens = 256
    defaults = (50, 5.0)
