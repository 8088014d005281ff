"""A prompt's concepts in the order in which they were written, for people: sums have an order of their own."""

from __future__ import annotations

from collections.abc import Iterable

from guidewidgets.prompt.concept import Concept
from guidewidgets.prompt.nodes import Prompt

NOT = "NOT "
"""Begins the name of a concept that is not to be there."""


def named(concept: Concept) -> str:
    """What a concept of a prompt is called."""
    return concept.text if concept.weight > 0 else NOT + concept.text


def in_order(names: Iterable[str], prompt: Prompt) -> list[str]:
    """Names of concepts as the prompt has them; those that it has not come last. Raises as `Prompt.concepts`."""
    said = [c.text for c in prompt.summands(Concept("", 1.0))]
    places = {text: place for place, text in reversed(list(enumerate(said)))}
    return sorted(names, key=lambda name: places.get(name.removeprefix(NOT), len(said)))
