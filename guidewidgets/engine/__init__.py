"""Load a diffusers pipeline and own its denoising loop: samplers, gradients, composition of scores, previews."""

from guidewidgets.engine.engine import Engine
from guidewidgets.engine.pair import LatentPair
from guidewidgets.engine.samplers import SampleStep

__all__ = ["Engine", "LatentPair", "SampleStep"]
