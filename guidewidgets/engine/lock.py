"""Locks: outside a region, a child's trajectory is held to its parent's at every step.

The parent's own walk is kept and replayed, so the region outside ends up as the parent's own, and the region inside
grows beside it. (The blended latents of RePaint and Blended Latent Diffusion, with an exact trajectory for the rest.)

A parent walks alone, in no batch with others: so its trajectory has the same bits whenever it is made, and the next
child needs it, but neither the parent's image nor the parent's own locked parents.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import final

import torch
from torch import Tensor

from guidewidgets import forks
from guidewidgets.genome import Genome

KEPT_BYTES = 256 << 20

Latents = tuple[Tensor, ...]


@final
class Trajectory:
    """What a parent goes through: (members…, guess) after each step, each (C, H, W), made as far as it is asked for."""

    def __init__(self, steps: Iterator[Latents], total: int, made: Callable[[Trajectory], object]) -> None:
        """Begin one.

        Args:
            steps: makes them.
            total: how many there are.
            made: called when all are there.
        """
        self._steps, self._total, self._made = steps, total, made
        self._there: list[Latents] = []

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(x.nelement() * x.element_size() for step in self._there for x in step)

    def at(self, k: int) -> Latents:
        """After step k, counted from 0."""
        while len(self._there) <= k:
            self._there.append(next(self._steps))
            if len(self._there) == self._total:
                self._made(self)
        return self._there[k]


@final
class Trajectories:
    """The last used trajectories, by whose they are."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Trajectory] = OrderedDict()
        self._lock = forks.lock()

    def get(self, key: Hashable) -> Trajectory | None:
        """The trajectory, if it is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, made: Trajectory) -> None:
        """Keep one."""
        with self._lock:
            self._kept[key] = made
            size = sum(one.size for one in self._kept.values())
            while size > KEPT_BYTES and len(self._kept) > 1:
                size -= self._kept.popitem(last=False)[1].size


@dataclass(frozen=True, slots=True)
class Lock:
    """Image `child` is its parent's wherever `free` (H, W) is False."""

    child: int
    parent: Trajectory
    free: Tensor


@dataclass(frozen=True, slots=True)
class Locks:
    """Locks of genomes that are denoised together.

    Attributes:
        locks: one for each image that is locked.
        walking: trajectories that have to be made, parents before their children.
    """

    locks: tuple[Lock, ...]
    walking: tuple[Trajectory, ...]

    def hold(self, k: int, latents: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """What stands after step k: (members…, guess) or fewer of them, each (n, C, H, W), with every lock applied."""
        for trajectory in self.walking:
            trajectory.at(k)
        held = [list(x) for x in latents]
        for lock in self.locks:
            for rows, theirs in zip(held, lock.parent.at(k), strict=False):
                mine = rows[lock.child]
                rows[lock.child] = torch.where(lock.free.to(mine.device), mine, theirs.to(mine))
        return tuple(map(torch.stack, held))


def locks_of(
    genomes: Sequence[Genome],
    kept: Trajectories,
    way: tuple[int, *tuple[object, ...]],
    begin: Callable[[Genome, Locks], Iterator[Latents]],
) -> Locks:
    """The locks of genomes; parents whose trajectory is not kept are about to walk, and so are theirs.

    Args:
        genomes: that are denoised together.
        kept: trajectories.
        way: how many steps there are, and what else decides how a genome walks.
        begin: walks with one parent alone, under its own locks.
    """
    found: dict[str, Trajectory] = {}
    walking: list[Trajectory] = []
    for genome in genomes:
        line: list[tuple[str, Genome]] = []
        anchor = genome.anchor
        while anchor is not None and anchor.hash not in found:
            known = kept.get((anchor.hash, way))
            if known is not None:
                found[anchor.hash] = known
                break
            parent = anchor.genome
            line.append((anchor.hash, parent))
            anchor = parent.anchor
        for content, parent in reversed(line):
            steps = begin(parent, _locks([parent], found, ()))
            found[content] = Trajectory(steps, way[0], partial(kept.put, (content, way)))
            walking.append(found[content])
    return _locks(genomes, found, tuple(walking))


def _locks(genomes: Sequence[Genome], found: dict[str, Trajectory], walking: tuple[Trajectory, ...]) -> Locks:
    locks: list[Lock] = []
    for i, genome in enumerate(genomes):
        if genome.anchor is not None:
            height, width = genome.latent.shape[-2:]
            free = torch.from_numpy(genome.anchor.region.mask(height, width))
            locks.append(Lock(i, found[genome.anchor.hash], free))
    return Locks(tuple(locks), walking)
