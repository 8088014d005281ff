"""Load a diffusers pipeline and own its denoising loop: samplers, gradients, composition of scores, previews."""

from guidewidgets.engine.engine import Engine
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.engine.samplers.base import SampleStep

__all__ = ["Engine", "LatentPair", "SampleStep"]
