"""Offspring: what an operator makes, before it is rendered."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

from guidewidgets.genome import Genome, Recipe

Offspring = Sequence[tuple[Genome, Recipe]]


class Bred(NamedTuple):
    """How far the making of offspring is: so many steps of so many, and what it does, in words."""

    step: int
    steps: int
    message: str


OffspringSteps = Generator[Bred | None, None, Offspring]
"""Makes offspring that take longer; yields wherever the worker may cancel, pause or turn to another job."""
