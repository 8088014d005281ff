"""Settings of a session: validated as a whole before anything uses them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.engine.engine import NEGATIONS
from guidewidgets.engine.samplers.langevin import Corrector
from guidewidgets.genome import Genome
from guidewidgets.prompt import Prompt

LIMIT = 1000
"""Candidates that one job makes, unless it is told otherwise."""


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


@dataclass(frozen=True, slots=True)
class Settings:
    """How pictures are rendered.

    Attributes:
        prompt: what to paint; OR branches are drawn per image later.
        steps: denoising steps.
        guidance: guidance scale.
        sampler: name of the sampler.
        size: (width, height) in pixels.
        negative: text in place of the unconditional concept, or None.
        negation: how NOT acts: "linear", "perp" or "dynamic".
        corrector: numbers of the corrector, or None; see `engine.samplers.langevin.Corrector`.
    """

    prompt: Prompt
    steps: int
    guidance: float
    sampler: str
    size: tuple[int, int]
    negative: str | None = None
    negation: str = "linear"
    corrector: Mapping[str, float] | None = None

    @classmethod
    def of(cls, genome: Genome) -> Settings:
        """The settings a candidate was rendered with."""
        return cls(
            genome.prompt,
            genome.steps,
            genome.guidance,
            genome.sampler,
            genome.size,
            genome.negative,
            genome.negation,
            dict(genome.corrector) or None,
        )

    def changed(self, engine: Engine, **changes: Any) -> Settings:
        """A copy with some settings changed, checked against what the engine can do.

        Raises:
            TypeError: an unknown setting, or a value of the wrong kind.
            ValueError: a value out of range; PromptError for a prompt that cannot be read.
        """
        names = {field.name for field in dataclasses.fields(self)}
        if unknown := sorted(set(changes) - names):
            message = f"unknown setting {', '.join(unknown)}: expected some of {', '.join(sorted(names))}"
            raise TypeError(message)
        if isinstance(changes.get("prompt"), str):
            changes["prompt"] = Prompt.parse(changes["prompt"])
        new = dataclasses.replace(self, **changes)
        if not isinstance(new.prompt, Prompt):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are people
            message = f"prompt={new.prompt!r}: expected text or a Prompt"
            raise TypeError(message)
        if new.negative is not None and not isinstance(new.negative, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"negative={new.negative!r}: expected text or None"
            raise TypeError(message)
        if new.negation not in NEGATIONS:
            message = f"negation={new.negation!r}: expected one of {', '.join(NEGATIONS)}"
            raise ValueError(message)
        steps = check_number("steps", new.steps, 1)
        guidance = check_number("guidance", new.guidance, 0.0)
        engine.shape_of(new.size)
        engine.check_sampler(new.sampler, steps)
        engine.check_prompt(new.prompt)
        corrector = Corrector.of(new.corrector)
        return dataclasses.replace(
            new,
            steps=steps,
            guidance=guidance,
            size=(new.size[0], new.size[1]),
            corrector=corrector and corrector.numbers(),
        )
