"""Models that look at images, and what they can be asked to judge."""

from guidewidgets.engine.model.model import ENCODERS
from guidewidgets.vision import embedded
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Objective

__all__ = ["ClipEncoder", "Objective", "embedded"]

# Loaded when an engine is first asked for it.
ENCODERS["guidewidgets/emoji"] = embedded.guide
