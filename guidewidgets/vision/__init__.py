"""Models that look at images, and what they can be asked to judge."""

from guidewidgets.vision import embedded
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Objective
from guidewidgets.vision.scorer import AestheticHead, CosineScorer

__all__ = ["AestheticHead", "ClipEncoder", "CosineScorer", "Objective", "embedded"]
