"""Every objective and the module it stands in: what `gw`, `gw.guide` and files know objectives by.

A closed list: nothing else is ever made because a file says so. A new objective is its class and two lines here.
"""

# ruff: noqa: PLC0414 - "as" makes a name public for type checkers
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the same for type checkers
    from guidewidgets.guide.judged import Aesthetic as Aesthetic
    from guidewidgets.guide.judged import Classify as Classify
    from guidewidgets.guide.judged import Liked as Liked
    from guidewidgets.guide.judged import Reward as Reward
    from guidewidgets.guide.objectives import ClipImage as ClipImage
    from guidewidgets.guide.objectives import ClipText as ClipText
    from guidewidgets.guide.objectives import MeanColour as MeanColour
    from guidewidgets.guide.objectives import Symmetry as Symmetry
    from guidewidgets.guide.variation import Variation as Variation

OBJECTIVES = {
    "Aesthetic": "guide.judged",
    "Classify": "guide.judged",
    "ClipImage": "guide.objectives",
    "ClipText": "guide.objectives",
    "Liked": "guide.judged",
    "MeanColour": "guide.objectives",
    "Reward": "guide.judged",
    "Symmetry": "guide.objectives",
    "Variation": "guide.variation",
}
