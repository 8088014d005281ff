"""Atoms: the single things that a prompt asks for, each of which a picture shows or does not.

A picture of a prompt of many atoms that misses one is nearly right by their arithmetic mean, and wrong by the geometric
one, in which one atom that is not there at all takes all with it (the idea of GenEval 2's two means; none of its data).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from guidewidgets.evaluate.asks import Ask
from guidewidgets.evaluate.row import Row, make_row

ROWS = ("atoms", "all atoms")
SAYS = (
    "what a prompt asks for, thing by thing: arithmetic mean of a picture's atoms",
    "geometric mean of a picture's atoms: 0 where one is missing",
)
Marks = Sequence[Sequence[Sequence[float]]]
"""Prompts of pictures of atoms, each in [0, 1]: how surely it is there."""


@runtime_checkable
class MarksAtoms(Protocol):
    """A scorer that also says which atoms of an ask each picture shows."""

    def atoms(self, images: Tensor, ask: Ask) -> Sequence[Sequence[float]]:
        """Marks in [0, 1] of pictures (n, 3, H, W) in [0, 1]: one for each atom."""
        ...


def atom_rows(marks: Marks) -> tuple[Row, Row]:
    """The arithmetic and the geometric mean of atoms, over pictures, with intervals over prompts.

    Args:
        marks: of each prompt, of each of its pictures, of each atom that it asks for.

    Raises:
        ValueError: there are none, or one is not in [0, 1].
    """
    flat = [mark for pictures in marks for atoms in pictures for mark in atoms]
    if not flat or not all(len(atoms) for pictures in marks for atoms in pictures):
        raise ValueError("atoms: expected at least one of every picture")
    if not all(0 <= mark <= 1 for mark in flat):
        raise ValueError("atoms: expected marks in [0, 1]")
    means = [[float(np.mean(atoms)) for atoms in pictures] for pictures in marks]
    roots = [[float(np.prod(atoms) ** (1 / len(atoms))) for atoms in pictures] for pictures in marks]
    return make_row(ROWS[0], SAYS[0], means), make_row(ROWS[1], SAYS[1], roots)
