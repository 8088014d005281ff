"""Objectives as data and as Python, so that what optimised an image can be told and done again."""

from __future__ import annotations

import dataclasses
import importlib
import math
import numbers
from typing import Any

from PIL import Image

from guidewidgets.genome_data import region_from
from guidewidgets.guide.crops import Crops
from guidewidgets.guide.pictures import PREFIX, to_text
from guidewidgets.objective_register import OBJECTIVES
from guidewidgets.region import Region
from guidewidgets.untrusted import bad, field, items, number
from guidewidgets.vision.objective import Objective, changed

KINDS: dict[str, type[Objective]] = {
    name: getattr(importlib.import_module(f"guidewidgets.{home}"), name) for name, home in OBJECTIVES.items()
}
"""Nothing else is ever made because a file says so."""

MOST_PARTS = 64


def to_data(objective: Objective) -> list[Any]:
    """JSON data of an objective.

    Raises:
        TypeError: a part cannot be written down, or there are too many.
    """
    if len(objective.parts) > MOST_PARTS:
        message = f"a sum of {len(objective.parts)} objectives cannot be written down: at most {MOST_PARTS}"
        raise TypeError(message)
    return [
        [
            float(weight),
            type(part).__name__,
            {name: _to_data(value) for name, value in _arguments(part).items()},
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
        if not isinstance(part, list) or [type(x) for x in part[1:]] != [str, dict]:
            raise bad("an objective among a job's arguments is no list of weight, name and arguments")
        if part[1] not in KINDS:
            raise bad(f"no objective {part[1]!r:.40} here: expected one of {', '.join(KINDS)}")
        pictures = part[2].get("references", [])
        if not isinstance(pictures, list) or not all(str(p).startswith(PREFIX) for p in pictures):
            raise bad(
                "an objective names files: its pictures have to be in the text"
            )  # nothing is opened by name
        weight = number({"weight": part[0]}, "weight", -math.inf, math.inf)
        kind: Any = KINDS[part[1]]
        known = {f.name for f in dataclasses.fields(kind) if not f.metadata.get("live")}
        if strange := [name for name in part[2] if name not in known]:
            raise bad(
                f"an objective among a job's arguments names {strange[0]!r:.40}, which is none of its arguments"
            )
        try:
            made = kind(**{name: _from_data(value) for name, value in part[2].items()})
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
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
        _arguments(part)  # refuses what cannot be written down
        given = ", ".join(f"{name}={_source(value)}" for name, value in changed(part).items())
        text = f"gw.{type(part).__name__}({given})"
        texts.append(text if weight == 1 else f"{float(weight)!r} * {text}")
    return " + ".join(texts)


def _arguments(part: Objective) -> dict[str, Any]:
    """What it was made with. TypeError: it is none of ours, or holds what lives in this process only."""
    if type(part) is not KINDS.get(type(part).__name__):
        raise TypeError(f"{part.name} cannot be written down: it is none of {', '.join(KINDS)}")
    return part.arguments


def _to_data(value: Any) -> Any:  # noqa: PLR0911 - one line per kind
    if isinstance(value, Crops):
        return {"crops": _to_data(dataclasses.asdict(value))}
    if isinstance(value, Region):
        return {"region": value.to_json()}
    if isinstance(value, Image.Image):
        return to_text(value)
    if isinstance(value, tuple | list):  # files and code give tuples back as lists
        return [_to_data(part) for part in value]
    if isinstance(value, dict):
        return {key: _to_data(part) for key, part in value.items()}
    if isinstance(value, bool | str | None):
        return value
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        message = (
            f"{value!r:.40} cannot be written down: expected a finite number, text, a bool, None, an image, a "
            "region, or a tuple of these"
        )
        raise TypeError(message)
    # Numbers of numpy are none of JSON's.
    return int(value) if isinstance(value, numbers.Integral) else float(value)


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
        return f"gw.{value!r}"
    return repr(_to_data(value))
