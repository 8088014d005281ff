"""Optimise latents: DOODL, SGOOL, one-step guidance, objectives, constraints."""

from guidewidgets.guide.crops import Crops
from guidewidgets.guide.doodl import doodl
from guidewidgets.guide.judged import Aesthetic, Classify, Liked, Reward
from guidewidgets.guide.objectives import ClipImage, ClipText, MeanColour, Symmetry
from guidewidgets.guide.one_step import one_step
from guidewidgets.guide.optimisation import Optimisation, Step
from guidewidgets.guide.sgool import Attend, sgool

__all__ = [
    "Aesthetic",
    "Attend",
    "Classify",
    "ClipImage",
    "ClipText",
    "Crops",
    "Liked",
    "MeanColour",
    "Optimisation",
    "Reward",
    "Step",
    "Symmetry",
    "doodl",
    "one_step",
    "sgool",
]
