"""guidewidgets: steer image generation with your hands, in a notebook.

    import guidewidgets as gw
    s = gw.Session("a mushroom")
    s

Nothing heavy is imported before it is used: `import guidewidgets` does not load torch.
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING, Any

from guidewidgets import display_registry
from guidewidgets.folding import fold_in_notebooks
from guidewidgets.objective_register import OBJECTIVES

if TYPE_CHECKING:  # for type checkers; at run time the tables below say where each name lives
    from guidewidgets import evaluate as evaluate
    from guidewidgets import evolve as evolve
    from guidewidgets import guide as guide
    from guidewidgets import vision as vision
    from guidewidgets.concept import Concept as Concept
    from guidewidgets.engine import Engine as Engine
    from guidewidgets.engine.doctor import doctor as doctor
    from guidewidgets.genome import Genome as Genome
    from guidewidgets.genome import Recipe as Recipe
    from guidewidgets.guide.crops import Crops as Crops
    from guidewidgets.guide.sgool import Attend as Attend
    from guidewidgets.guide.textual_inversion import learn as learn
    from guidewidgets.objective_register import *  # noqa: F403
    from guidewidgets.prompt import Prompt as Prompt
    from guidewidgets.prompt import PromptError as PromptError
    from guidewidgets.region import Region as Region
    from guidewidgets.session import Candidate as Candidate
    from guidewidgets.session import Generation as Generation
    from guidewidgets.session import Job as Job
    from guidewidgets.session import Replay as Replay
    from guidewidgets.session import Session as Session
    from guidewidgets.untrusted import SessionFileError as SessionFileError
    from guidewidgets.vision.scorer import AestheticHead as AestheticHead
    from guidewidgets.vision.scorer import CosineScorer as CosineScorer

__version__ = "0.2.0"

_HOMES = OBJECTIVES | {
    "AestheticHead": "vision.scorer",
    "Attend": "guide.sgool",
    "Candidate": "session",
    "Concept": "concept",
    "CosineScorer": "vision.scorer",
    "Crops": "guide.crops",
    "Engine": "engine",
    "Generation": "session",
    "Genome": "genome",
    "Job": "session",
    "Prompt": "prompt",
    "PromptError": "prompt",
    "Recipe": "genome",
    "Region": "region",
    "Replay": "session",
    "Session": "session",
    "SessionFileError": "untrusted",
    "doctor": "engine.doctor",
    "learn": "guide.textual_inversion",
}
fold_in_notebooks()
display_registry.home("guidewidgets.widgets")
_ROOMS = ("evaluate", "evolve", "guide", "vision")

__all__ = [*_HOMES, *_ROOMS]  # noqa: PLE0604  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"guidewidgets.{name}")
    if name not in _HOMES:
        near = difflib.get_close_matches(name, __all__, 1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise AttributeError(f"module 'guidewidgets' has no attribute {name!r}{hint}")
    if name == "Engine":
        importlib.import_module("guidewidgets.vision")  # registers the encoder of the embedded model
    return getattr(importlib.import_module(f"guidewidgets.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
