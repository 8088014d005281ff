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

if TYPE_CHECKING:
    from guidewidgets import evolve
    from guidewidgets.engine import Engine
    from guidewidgets.genome import Genome, Recipe
    from guidewidgets.session import Candidate, Generation, Job, Session

__version__ = "0.1.0"
__all__ = [
    "Candidate",
    "Engine",
    "Generation",
    "Genome",
    "Job",
    "Prompt",
    "PromptError",
    "Recipe",
    "Region",
    "Session",
    "evolve",
]

_HOMES = {
    "Candidate": "session",
    "Engine": "engine",
    "Generation": "session",
    "Genome": "genome",
    "Job": "session",
    "Recipe": "genome",
    "Session": "session",
}


def __getattr__(name: str) -> Any:
    if name == "evolve":
        return importlib.import_module("guidewidgets.evolve")
    if name not in _HOMES:
        message = f"module 'guidewidgets' has no attribute {name!r}"
        raise AttributeError(message)
    if name == "Session":
        importlib.import_module("guidewidgets.widgets")  # registers the views that sessions show
    return getattr(importlib.import_module(f"guidewidgets.{_HOMES[name]}"), name)
