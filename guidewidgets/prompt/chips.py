"""A prompt as chips to move about: one per conjunct, some muted, some alone. Pure data, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guidewidgets.prompt import And, Literal, Not, Prompt, Qualified
from guidewidgets.region import Region


@dataclass(frozen=True, slots=True)
class Chip:
    """One conjunct.

    Attributes:
        text: of the concept or group, in the prompt language.
        weight: relative to the guidance; None is 1, unsaid.
        negated: NOT stands before it.
        region: where it holds, or None.
        steps: when it holds, fractions of the sampling, or None.
        muted: left out for now.
        solo: while any chip is solo, the others are left out.
    """

    text: str
    weight: float | None = None
    negated: bool = False
    region: Region | None = None
    steps: tuple[float, float] | None = None
    muted: bool = False
    solo: bool = False

    @property
    def conjunct(self) -> Prompt:
        """Its part of the prompt.

        Raises:
            PromptError: the text cannot be read.
        """
        of = Prompt.parse(self.text)
        if isinstance(of, Literal) and not of.text:
            return of
        if (self.weight, self.region, self.steps) != (None, None, None):
            of = Qualified(of, self.weight, self.region, self.steps)
        return Not(of) if self.negated else of

    def to_json(self) -> dict[str, Any]:
        """Its fields as JSON data."""
        return {
            "text": self.text,
            "weight": self.weight,
            "negated": self.negated,
            "region": None if self.region is None else self.region.to_json(),
            "steps": None if self.steps is None else list(self.steps),
            "muted": self.muted,
            "solo": self.solo,
        }


def chips_of(prompt: Prompt) -> tuple[Chip, ...]:
    """The chips that `prompt_of` makes the prompt of."""
    return tuple(_chip(term) for term in prompt.terms)


def prompt_of(chips: Sequence[Chip]) -> Prompt:
    """What is heard of the chips, as a prompt.

    Raises:
        PromptError: the text of a chip cannot be read; the muted ones are read too.
    """
    alone = any(chip.solo for chip in chips)
    parts = [(chip, chip.conjunct) for chip in chips]
    heard = [part for chip, part in parts if (chip.solo or not alone) and not chip.muted and part.terms]
    if not heard:
        return Prompt("")
    return heard[0] if len(heard) == 1 else And(*heard)


def _chip(term: Prompt) -> Chip:
    negated = isinstance(term, Not)
    inner = term.of if isinstance(term, Not) else term
    if isinstance(inner, Qualified):
        return Chip(str(inner.of), inner.weight, negated, inner.region, inner.steps)
    return Chip(str(inner), None, negated)
