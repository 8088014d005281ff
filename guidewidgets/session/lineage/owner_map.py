"""Which parent each part of a candidate came from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.session.candidate import Candidate


def owners(child: Candidate, find: Callable[[int], Candidate]) -> NDArray[np.int64]:
    """The owner map of a candidate, recomputed from the latents: equal columns, bit for bit, have one origin.

    Args:
        child: a candidate with parents.
        find: gives candidates by number.

    Returns:
        (H, W) parents' numbers on the latent's plane, -1 where the column is no parent's: fresh noise, or a mixture.
        Where parents agree in a column, as siblings do, it counts for the first named.

    Raises:
        ValueError: it has no parents, or they are in another session.
        IndexError: a parent is not in this session.
    """
    if not child.recipe.parent_ids:
        raise ValueError(f"candidate {child.id} has no parents: it was made by {child.recipe.operator}")
    latent = child.genome.latent
    found = np.full(tuple(latent.shape[-2:]), FRESH, dtype=np.int64)
    for parent in reversed(parents(child, find)):
        theirs = parent.genome.latent
        if theirs.shape == latent.shape:
            found[(latent == theirs).all(dim=0).cpu().numpy()] = parent.id
    return found


def parents(child: Candidate, find: Callable[[int], Candidate]) -> list[Candidate]:
    """The parents of a candidate, as named in its recipe, told by their content: numbers may be another session's.

    Args:
        child: a candidate.
        find: gives candidates by number.

    Raises:
        ValueError: what has a parent's number here is another picture.
        IndexError: a parent is not in this session.
    """
    found = [find(number) for number in child.recipe.parent_ids]
    for parent, content in zip(found, child.recipe.parents, strict=True):
        if parent.hash != content:
            message = f"candidate {child.id} comes from another session, and its parents have stayed there"
            raise ValueError(message)
    return found
