"""Render settings: all that makes a picture besides its noise and its model, each with its limits.

To add a setting: a field, a row in `LIMITS`, a line in `Overrides`; then read it where it acts (`engine/`). Genomes,
sessions, files, PNGs and recorded code know it from here.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypedDict

from guidewidgets.limits import Choice, Kind, Language, Number, Numbers, Size, Text, Whole, Word
from guidewidgets.prompt import Prompt
from guidewidgets.untrusted import bad

NEAR: Final = 0.75
"""How alike a misspelt name is to the one that was meant; "region" and "negation" are at 0.71."""
NEGATIONS: Final = ("linear", "perp", "dynamic")

LIMITS: Final[Mapping[str, Kind]] = {
    "prompt": Language(most=100_000),
    "steps": Whole(1, 100_000),
    "guidance": Number(0.0, 1e6),
    "sampler": Word(),
    "size": Size(most=16_384),
    "negative": Text(most=100_000),
    "negation": Choice(NEGATIONS),
    "corrector": Numbers(most=40),
    "sampler_parameters": Numbers(most=40),
}
"""What each setting may be: read when it is set, and again when a file says it."""

WALK: Final = ("sampler", "sampler_parameters", "corrector", "steps", "size")
"""What pictures that are denoised together must share."""

REQUIRED: Final = ("prompt", "steps", "guidance", "sampler", "size", "negation")

WRITTEN: Final = (*REQUIRED[:5], "negative", "negation")
"""Stand in every file. The others only where they are set: files and hashes from before them stay as they are."""


class Overrides(TypedDict, total=False):
    """Settings for one job only, in place of the session's or the parent's."""

    prompt: str | Prompt
    steps: int
    guidance: float
    sampler: str
    size: tuple[int, int]
    negative: str | None
    negation: str
    corrector: Mapping[str, float] | None
    sampler_parameters: Mapping[str, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSettings:
    """How a picture is rendered. What is out of the `LIMITS` cannot be made: TypeError or ValueError names it.

    Attributes:
        prompt: what to paint; OR branches are drawn per image later.
        steps: denoising steps.
        guidance: guidance scale s.
        sampler: name of the sampler.
        size: (width, height) in pixels.
        negative: text in place of the unconditional concept, or None.
        negation: how NOT acts: "linear", "perp" or "dynamic".
        corrector: numbers of the corrector, see `engine.samplers.langevin.Corrector`; empty is none.
        sampler_parameters: numbers of the sampler, such as EDICT's p.
    """

    prompt: Prompt
    steps: int
    guidance: float
    sampler: str = "ddim"
    size: tuple[int, int]
    negative: str | None = None
    negation: str = "linear"
    corrector: Mapping[str, float] = field(default_factory=dict[str, float])
    sampler_parameters: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        """Check every setting, and bring it to its one form."""
        for name, kind in LIMITS.items():
            object.__setattr__(self, name, kind.check(name, getattr(self, name)))

    def named(self) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in LIMITS}

    @staticmethod
    def of(other: RenderSettings) -> RenderSettings:
        """The settings alone of what has settings, such as a genome."""
        return RenderSettings(**other.named())

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed.

        Raises:
            TypeError: an unknown field, or a value of the wrong kind.
            ValueError: a value out of range; PromptError for a prompt that cannot be read.
        """
        names = {f.name for f in dataclasses.fields(self)}
        if unknown := sorted(set(changes) - names):
            message = f"unknown setting {', '.join(unknown)}: expected some of {', '.join(sorted(names))}"
            if near := difflib.get_close_matches(unknown[0], names, 1, NEAR):
                message += f"; did you mean {near[0]!r}?"
            raise TypeError(message)
        return dataclasses.replace(self, **changes)

    @property
    def walk(self) -> tuple[object, ...]:
        """What pictures that are denoised together must share."""
        return tuple(getattr(self, name) for name in WALK)

    def to_data(self) -> dict[str, Any]:
        """The settings as JSON data."""
        return {
            name: kind.plain(getattr(self, name))
            for name, kind in LIMITS.items()
            if name in WRITTEN or getattr(self, name) != _default(name)
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> RenderSettings:
        """The settings that `to_data` wrote, among other things perhaps.

        Raises:
            SessionFileError: one is missing, of the wrong kind or out of range.
        """
        given = {name: data[name] for name in LIMITS if name in data}
        if missing := [name for name in REQUIRED if name not in given]:
            raise bad(f"{missing[0]} is missing among the settings")
        try:
            return RenderSettings(**given)
        except (ValueError, TypeError, RecursionError) as error:
            raise bad(str(error).splitlines()[0]) from error


def _default(name: str) -> Any:
    found = {f.name: f for f in dataclasses.fields(RenderSettings)}[name]
    return found.default if found.default_factory is dataclasses.MISSING else found.default_factory()


PLAIN_WALK: Final[Mapping[str, Any]] = {
    name: _default(name) for name in ("sampler", "sampler_parameters", "corrector")
}
"""A walk as plain as it can be, in any number of steps at any size."""
