"""Optimise latents: DOODL, SGOOL, one-step guidance, objectives, constraints."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from guidewidgets.guide.crops import Crops
from guidewidgets.guide.doodl import doodl
from guidewidgets.guide.noise_tilt import noise_tilt
from guidewidgets.guide.one_step import one_step
from guidewidgets.guide.optimisation import Optimisation, Step
from guidewidgets.guide.search import Found, search
from guidewidgets.guide.sgool import Attend, sgool
from guidewidgets.objective_register import OBJECTIVES
from guidewidgets.vision.scorer import AestheticHead, CosineScorer

if TYPE_CHECKING:
    from guidewidgets.objective_register import *  # noqa: F403

__all__ = [
    "AestheticHead",
    "Attend",
    "CosineScorer",
    "Crops",
    "Found",
    "Optimisation",
    "Step",
    "doodl",
    "noise_tilt",
    "one_step",
    "search",
    "sgool",
]
__all__ += [*OBJECTIVES]  # noqa: PLE0604  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in OBJECTIVES:
        raise AttributeError(f"module 'guidewidgets.guide' has no attribute {name!r}")
    return getattr(importlib.import_module(f"guidewidgets.{OBJECTIVES[name]}"), name)
