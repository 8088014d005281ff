"""Optimise latents: DOODL, one-step guidance, objectives, constraints."""

from guidewidgets.guide.doodl import Step, doodl
from guidewidgets.guide.objectives import ClipImage, ClipText, MeanColour, Symmetry

__all__ = ["ClipImage", "ClipText", "MeanColour", "Step", "Symmetry", "doodl"]
