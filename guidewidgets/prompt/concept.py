"""The meaning of a prompt: signed concepts, each with a weight, a region, a range of steps and a model."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple, Protocol

from guidewidgets.prompt.text import PromptError, number
from guidewidgets.region import Box, Region

MAX_MODEL: Final = 300

REGIONS: Final[dict[str, Region]] = {
    "left": Box(0, 0, 0.5, 1),
    "right": Box(0.5, 0, 1, 1),
    "top": Box(0, 0, 1, 0.5),
    "bottom": Box(0, 0.5, 1, 1),
    "center": Box(0.25, 0.25, 0.75, 0.75),
}
_REGION_NAMES = {region: name for name, region in REGIONS.items()}


class Concept(NamedTuple):
    """One summand of a prompt's score."""

    text: str
    weight: float
    """Relative to the guidance scale; negative for NOT."""
    region: Region | None = None
    """Where it holds; None is everywhere."""
    steps: tuple[float, float] | None = None
    """When it holds: while start ≤ step / steps < stop; None is always."""
    model: str | None = None
    """Who says what it looks like: "id#revision" of another loaded model; None is the session's own."""

    @property
    def shown(self) -> bool:
        """Whether it is to be seen in the picture, and the session's own model can look for it."""
        return self.weight > 0 and self.model is None


class Lender(Protocol):
    """A loaded model."""

    def lend(self) -> str:
        """Let prompts name it; its name, "id#revision"."""
        ...


def model_name(model: Lender | str | None) -> str | None:
    """The name that a prompt keeps of a model.

    Raises:
        TypeError: it is no model and no name.
        PromptError: it is no model's id#revision.
    """
    if model is None:
        return None
    lend = getattr(model, "lend", None)
    name = lend() if callable(lend) else model
    if not isinstance(name, str):
        raise TypeError(f"model={model!r:.60}: expected a loaded model, such as gw.Engine.load(…)")
    identity, _, revision = name.rpartition("#")
    if not identity or not revision or not name.isprintable() or len(name) > MAX_MODEL:
        hint = "it is what str(gw.Prompt(text, model=engine)) shows"
        raise PromptError(f"{name!r:.60} is no model's id#revision", hint=hint)
    return name


def region_text(region: Region) -> str:
    """A region as the language writes it, after the sign @."""
    if region in _REGION_NAMES:
        return _REGION_NAMES[region]
    if isinstance(region, Box):
        return "[{}]".format(",".join(map(number, (region.x0, region.y0, region.x1, region.y1))))
    return json.dumps(region.to_json(), separators=(",", ":"))


def sort_key(concept: Concept) -> tuple[Any, ...]:
    """The order of concepts in a sum, so that the order of writing cannot matter."""
    where = "" if concept.region is None else region_text(concept.region)
    return concept.text, where, concept.steps or (0.0, 1.0), concept.weight, concept.model or ""
