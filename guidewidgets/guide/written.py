"""Objectives as data and as Python, so that what optimised an image can be told and done again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from guidewidgets.genome_data import region_from
from guidewidgets.guide.crops import FRAMES, Crops
from guidewidgets.guide.judged import Aesthetic, Classify
from guidewidgets.guide.objectives import ClipImage, ClipText, MeanColour, Symmetry
from guidewidgets.guide.pictures import PREFIX
from guidewidgets.region import Region
from guidewidgets.untrusted import bad, field, items
from guidewidgets.vision.objective import Objective

KINDS: dict[str, type[Objective]] = {
    kind.__name__: kind for kind in (ClipText, ClipImage, Symmetry, MeanColour, Aesthetic, Classify)
}
"""Nothing else is ever made because a file says so."""

MOST_PARTS = 64


def to_data(objective: Objective) -> list[Any]:
    """JSON data of an objective.

    Raises:
        TypeError: a part cannot be written down.
    """
    return [
        [
            float(weight),
            type(part).__name__,
            {name: _to_data(value) for name, value in part.arguments.items()},
        ]
        for weight, part in objective.parts
    ]


def from_data(data: Any) -> Objective:
    """The objective that `to_data` wrote.

    Raises:
        SessionFileError: it is none.
    """
    parts = items({"parts": data}, "parts", MOST_PARTS)
    found: list[Objective] = []
    for part in parts:
        if (
            not isinstance(part, list)
            or len(part) != 3
            or part[1] not in KINDS
            or not isinstance(part[2], dict)
        ):
            raise bad("an objective among a job's arguments is none of ours")
        pictures = part[2].get("references", [])
        if not isinstance(pictures, list) or not all(str(p).startswith(PREFIX) for p in pictures):
            raise bad(
                "an objective names files: its pictures have to be in the text"
            )  # nothing is opened by name
        weight = field({"weight": part[0]}, "weight", (int, float))
        try:
            made = KINDS[part[1]](**{str(name): _from_data(value) for name, value in part[2].items()})
        except (TypeError, ValueError, AttributeError) as error:
            raise bad(f"an objective among a job's arguments cannot be made again: {error}") from error
        found.append(made if weight == 1 and len(parts) == 1 else weight * made)
    if not found:
        raise bad("an objective among a job's arguments has no parts")
    total = found[0]
    for one in found[1:]:
        total = total + one
    return total


def source(objective: Objective) -> str:
    """Python that makes the objective, with `gw` for the package.

    Raises:
        TypeError: a part cannot be written down.
    """
    texts: list[str] = []
    for weight, part in objective.parts:
        given = ", ".join(f"{name}={_source(value)}" for name, value in _changed(part).items())
        text = f"gw.{type(part).__name__}({given})"
        texts.append(text if weight == 1 else f"{float(weight)!r} * {text}")
    return " + ".join(texts)


def _changed(part: Objective) -> dict[str, Any]:
    """Its arguments, without those that are as usual."""
    usual: Mapping[str, Any] = {"distance": "angle", "region": None, "target": None, "loss": "ce"}
    crops = FRAMES if isinstance(part, Classify) else Crops()
    return {
        name: value
        for name, value in part.arguments.items()
        if not (name in usual and value == usual[name]) and not (name == "crops" and value == crops)
    }


def _to_data(value: Any) -> Any:
    if isinstance(value, Crops):
        return {"crops": dataclasses.asdict(value)}
    if isinstance(value, Region):
        return {"region": value.to_json()}
    return value


def _from_data(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"crops"}:
            return Crops(**field(value, "crops", dict))
        return region_from(field(value, "region", (dict, str)))
    return value


def _source(value: Any) -> str:
    if isinstance(value, Crops):
        usual = Crops()
        given = [f for f in dataclasses.fields(value) if getattr(value, f.name) != getattr(usual, f.name)]
        return f"gw.Crops({', '.join(f'{f.name}={getattr(value, f.name)!r}' for f in given)})"
    if isinstance(value, Region):
        return f"gw.Region.from_json({value.to_json()!r})"
    return repr(value)
