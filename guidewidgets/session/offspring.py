"""Offspring: what an operator makes, before it is rendered."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from guidewidgets.genome import Genome, Recipe

Offspring = Sequence[tuple[Genome, Recipe]]

OffspringSteps = Generator[None, None, Offspring]
"""Makes offspring that take longer; yields wherever the worker may cancel, pause or turn to another job."""
