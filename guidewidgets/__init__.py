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
    from guidewidgets import evolve, guide
    from guidewidgets.engine import Engine
    from guidewidgets.genome import Genome, Recipe
    from guidewidgets.guide import ClipImage, ClipText, MeanColour, Symmetry
    from guidewidgets.session import Candidate, Generation, Job, Session

__version__ = "0.1.0"
__all__ = [
    "Candidate",
    "ClipImage",
    "ClipText",
    "Engine",
    "Generation",
    "Genome",
    "Job",
    "MeanColour",
    "Prompt",
    "PromptError",
    "Recipe",
    "Region",
    "Session",
    "SessionFileError",
    "Symmetry",
    "evolve",
    "guide",
]

_HOMES = {
    "Candidate": "session",
    "ClipImage": "guide",
    "ClipText": "guide",
    "Engine": "engine",
    "Generation": "session",
    "Genome": "genome",
    "Job": "session",
    "MeanColour": "guide",
    "Recipe": "genome",
    "Session": "session",
    "Symmetry": "guide",
}


def __getattr__(name: str) -> Any:
    if name in ("evolve", "guide"):
        return importlib.import_module(f"guidewidgets.{name}")
    if name not in _HOMES:
        message = f"module 'guidewidgets' has no attribute {name!r}"
        raise AttributeError(message)
    if name == "Session":
        importlib.import_module("guidewidgets.widgets")  # registers the views that sessions show
    return getattr(importlib.import_module(f"guidewidgets.{_HOMES[name]}"), name)
