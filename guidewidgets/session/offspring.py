"""Offspring: what an operator makes, before it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

from torch import Tensor

from guidewidgets.genome import Genome, Recipe

Offspring = Sequence[tuple[Genome, Recipe]]


class Bred(NamedTuple):
    """How far the making of offspring is: so many steps of so many, and what it does, in words."""

    step: int
    steps: int
    message: str


Judge = Callable[[Tensor], Generator[None, None, Sequence[tuple[int, Recipe]]]]
"""Finished latents (n, C, H, W) of all → places of those to keep, best first, and the recipe of each that says why."""


class Contest(NamedTuple):
    """More offspring than are kept: all are walked to the end, and only then the best are picked.

    Attributes:
        begun: all that take part.
        judge: picks; yields wherever the worker may cancel.
    """

    begun: Offspring
    judge: Judge


OffspringSteps = Generator[Bred | None, None, Offspring | Contest]
"""Makes offspring that take longer; yields wherever the worker may cancel, pause or turn to another job."""
