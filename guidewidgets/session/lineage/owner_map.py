"""Which parent each part of a candidate came from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.session.candidate import Candidate

SHARED = -2
"""In `origins`: several parents have the same there, as children of one picture do."""


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
    found = np.full(_plane(child), FRESH, dtype=np.int64)
    for number, same in reversed(_alike(child, find).items()):
        found[same] = number
    return found


def origins(child: Candidate, find: Callable[[int], Candidate]) -> NDArray[np.int64]:
    """The same as `owners`, but `SHARED` where several parents agree: nobody can tell whose that is.

    Args, Raises: see `owners`.
    """
    found = np.full(_plane(child), FRESH, dtype=np.int64)
    for number, same in _alike(child, find).items():
        found[same] = np.where(found[same] == FRESH, number, SHARED)
    return found


def shares(child: Candidate, find: Callable[[int], Candidate]) -> dict[int, int]:
    """Of which parent's starting noise how much of a candidate's is: percent by number, `FRESH` and `SHARED` as well.

    They add up to 100: what rounding leaves goes to the largest remainders.

    Args, Raises: see `owners`.
    """
    found = origins(child, find)
    kinds = [*dict.fromkeys(child.recipe.parent_ids), SHARED, FRESH]
    exact = np.array([100 * float((found == kind).mean()) for kind in kinds])
    percent = np.floor(exact).astype(int)
    percent[np.argsort(percent - exact, kind="stable")[: 100 - percent.sum()]] += 1
    return dict(zip(kinds, percent.tolist(), strict=True))


def _plane(child: Candidate) -> tuple[int, ...]:
    """Of its latent, (H, W)."""
    if not child.recipe.parent_ids:
        raise ValueError(f"candidate {child.id} has no parents: it was made by {child.recipe.operator}")
    return tuple(child.genome.latent.shape[-2:])


def _alike(child: Candidate, find: Callable[[int], Candidate]) -> dict[int, NDArray[np.bool_]]:
    """Where its columns are those of each parent, (H, W); nowhere for one of another size."""
    latent = child.genome.latent
    return {
        parent.id: (latent == parent.genome.latent).all(dim=0).cpu().numpy()
        if parent.genome.latent.shape == latent.shape
        else np.zeros(tuple(latent.shape[-2:]), dtype=np.bool_)
        for parent in parents(child, find)
    }


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
