"""guidewidgets: steer image generation with your hands, in a notebook.

    import guidewidgets as gw
    s = gw.Session("a fox on a beach")
    s

Nothing heavy is imported before it is used: `import guidewidgets` does not load torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from guidewidgets.prompt import Prompt, PromptError
from guidewidgets.region import Region
from guidewidgets.untrusted import SessionFileError

if TYPE_CHECKING:
    from guidewidgets import evaluate, evolve, guide, vision
    from guidewidgets.engine import Engine
    from guidewidgets.genome import Genome, Recipe
    from guidewidgets.guide import (
        Aesthetic,
        Attend,
        Classify,
        ClipImage,
        ClipText,
        Crops,
        Liked,
        MeanColour,
        Reward,
        Symmetry,
    )
    from guidewidgets.session import Candidate, Generation, Job, Replay, Session

__version__ = "0.1.0"
__all__ = [
    "Aesthetic",
    "Attend",
    "Candidate",
    "Classify",
    "ClipImage",
    "ClipText",
    "Crops",
    "Engine",
    "Generation",
    "Genome",
    "Job",
    "Liked",
    "MeanColour",
    "Prompt",
    "PromptError",
    "Recipe",
    "Region",
    "Replay",
    "Reward",
    "Session",
    "SessionFileError",
    "Symmetry",
    "evaluate",
    "evolve",
    "guide",
    "vision",
]

_HOMES = {
    "Liked": "guide",
    "Reward": "guide",
    "Crops": "guide",
    "Classify": "guide",
    "Attend": "guide",
    "Aesthetic": "guide",
    "Candidate": "session",
    "ClipImage": "guide",
    "ClipText": "guide",
    "Engine": "engine",
    "Generation": "session",
    "Genome": "genome",
    "Job": "session",
    "MeanColour": "guide",
    "Recipe": "genome",
    "Replay": "session",
    "Session": "session",
    "Symmetry": "guide",
}


def __getattr__(name: str) -> Any:
    if name in ("evaluate", "evolve", "guide", "vision"):
        return importlib.import_module(f"guidewidgets.{name}")
    if name not in _HOMES:
        message = f"module 'guidewidgets' has no attribute {name!r}"
        raise AttributeError(message)
    if name in ("Session", "Replay"):
        importlib.import_module("guidewidgets.widgets")  # registers the views that sessions show
    if name == "Engine":
        importlib.import_module("guidewidgets.vision")  # registers the encoder of the embedded model
    return getattr(importlib.import_module(f"guidewidgets.{_HOMES[name]}"), name)
