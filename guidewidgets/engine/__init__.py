"""Load a diffusers pipeline and own its denoising loop: samplers, composition of scores, previews."""

from guidewidgets.engine.engine import Engine
from guidewidgets.engine.samplers import SampleStep

__all__ = ["Engine", "SampleStep"]
