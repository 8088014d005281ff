"""Locks: outside a region, a child's trajectory is held to its parent's at every step.

The parent is denoised along with the child, so the region outside ends up as the parent's own, and the region inside
grows beside it. (The blended latents of RePaint and Blended Latent Diffusion, with an exact trajectory for the rest.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from guidewidgets.genome import Genome


@dataclass(frozen=True, slots=True)
class Lock:
    """Image `child` is image `parent` wherever `free` (H, W) is False."""

    child: int
    parent: int
    free: Tensor


def with_parents(genomes: Sequence[Genome]) -> tuple[list[Genome], list[Lock]]:
    """The genomes followed by the locked parents they need, and the locks, parents before their children.

    A parent that several children share is there once; a parent that is locked itself brings its own.
    """
    everyone = list(genomes)
    places: dict[str, int] = {}
    locks: list[tuple[int, Lock]] = []
    at = 0
    while at < len(everyone):
        anchor = everyone[at].anchor
        if anchor is not None:
            key = anchor.genome.hash
            if key not in places:
                places[key] = len(everyone)
                everyone.append(anchor.genome)
            height, width = everyone[at].latent.shape[-2:]
            free = torch.from_numpy(anchor.region.mask(height, width))
            locks.append((_depth(everyone[at]), Lock(at, places[key], free)))
        at += 1
    return everyone, [lock for _, lock in sorted(locks, key=lambda pair: pair[0])]


def _depth(genome: Genome) -> int:
    depth = 0
    while genome.anchor is not None:
        genome, depth = genome.anchor.genome, depth + 1
    return depth


def hold(x: Tensor, locks: Sequence[Lock]) -> Tensor:
    """Latents (n, C, H, W) with every lock applied."""
    if not locks:
        return x
    rows = list(x)
    for lock in locks:
        rows[lock.child] = torch.where(lock.free.to(x.device), rows[lock.child], rows[lock.parent])
    return torch.stack(rows)
