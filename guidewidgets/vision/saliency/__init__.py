"""Where an image draws the eye, where a word is in it, where its user painted: maps of one kind, from many sources.

The kinds answer different questions and are never mixed: "fixation" is where people look, "object" what stands out,
"text" what a word refers to, "painted" what a hand marked.
"""

from guidewidgets.vision.saliency.attention import CrossAttention
from guidewidgets.vision.saliency.base import Net, Painted, Saliency
from guidewidgets.vision.saliency.boxes import Box, Cut, boxes
from guidewidgets.vision.saliency.cam import ClipCam
from guidewidgets.vision.saliency.embedded import embedded
from guidewidgets.vision.saliency.response import Response
from guidewidgets.vision.saliency.spectral import SpectralResidual
from guidewidgets.vision.saliency.transalnet import TranSalNet

__all__ = [
    "Box",
    "ClipCam",
    "CrossAttention",
    "Cut",
    "Net",
    "Painted",
    "Response",
    "Saliency",
    "SpectralResidual",
    "TranSalNet",
    "boxes",
    "embedded",
]
