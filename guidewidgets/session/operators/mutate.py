"""Mutation: variations of one candidate, as a whole or at some spots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from guidewidgets import evolve
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.embedding import mutate_offsets
from guidewidgets.evolve.mutate import check_share
from guidewidgets.genome import Anchor
from guidewidgets.limits import LIMIT
from guidewidgets.region import Region
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.selection import Spots, spots, times_varied
from guidewidgets.session.state import State
from guidewidgets.settings import Overrides, RenderSettings


@dataclass(frozen=True, slots=True)
class Mutate(Operator):
    """New noise in a region of one parent (None: a little everywhere); `strength` None is the operator's default."""

    name = "mutate"
    colour = "#009e73"
    title = "{images} as variations"
    made = ("variation", "variations", "of")

    parents: Parents
    n: int
    region: Region | None
    strength: float | None
    lock: bool
    picked: int = 0

    @classmethod
    def resolve(cls, state: State, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """See `Operator.resolve`: how often one favourite was varied before."""
        if {"at", "strength", "picked"} & set(arguments):
            return {}
        picked = times_varied(state.generations())
        return {"picked": picked} if picked else {}

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring:
        """See `Operator.breed`."""
        genome = self.parents[0].genome
        if self.region is None:
            children, cosines = evolve.mutate(genome.latent, self.n, self.strength, seed, self.picked)
            parameters = [{"cosine": float(cosine)} for cosine in cosines]
            offsets = mutate_offsets(genome.embedding_offset, cosines.tolist(), seed)
            return self.offspring(
                engine,
                settings,
                seed,
                children,
                parameters,
                self.parents,
                anchor=genome.anchor,
                offsets=offsets,
            )
        strength = 1.0 if self.strength is None else self.strength
        children, mask = evolve.mutate_at(genome.latent, self.region, n=self.n, strength=strength, seed=seed)
        parameters = [{"region": self.region.to_json(), "strength": strength, "lock": self.lock}] * self.n
        if self.lock:
            anchor = Anchor(genome, self.region)
        elif genome.anchor is not None:
            # The parent is locked to its own: what was free there stays free, and the new region becomes so.
            free = genome.anchor.region.mask(*mask.shape) | mask.numpy()
            anchor = genome.anchor.over(Region.bitmap(free))
        else:
            anchor = None
        offsets = self.parents.offsets * self.n
        return self.offspring(
            engine, settings, seed, children, parameters, self.parents, anchor=anchor, offsets=offsets
        )


def mutate(
    context: Context,
    candidate: int,
    at: Spots | Region | None = None,
    radius: float = 0.15,
    n: int = 8,
    lock: bool = False,  # noqa: FBT001, FBT002 - named in the public contract
    *,
    strength: float | None = None,
    picked: int = 0,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Variations of one candidate, with its own settings.

    Args:
        context: the session.
        candidate: its number.
        at: a spot (x, y) in [0, 1] to change, or several, or a region; None varies the whole picture, child by child
            more.
        radius: of the spots, above 0 and at most 1, as a fraction of the picture's shorter side.
        n: how many children, 1 to `limit`.
        lock: keep the picture outside the spots. Without it, it changes a little everywhere.
        strength: in (0, 1], how much of the noise is new; None is all at the spots, and a ladder without spots.
        picked: how many times in a row one favourite was varied before; the ladder shrinks by 0.7 each time. Left
            out, it is counted from the history.
        seed: see `sample`.
        limit: see `sample`.
        **overrides: settings for this job only.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    parent = context.candidate(candidate)
    genome = parent.genome
    region = (
        at
        if at is None or isinstance(at, Region)
        else Region.points(spots(at), check_share("radius", radius))
    )
    strength = None if strength is None else check_share("strength", strength)
    settings = context.settings(overrides, RenderSettings.of(genome), size=genome.size)
    if lock and (region is None or settings.walk != genome.walk):
        own = "the parent's own steps, sampler and corrector"
        raise ValueError(f"lock=True: expected spots to change (at={at!r}) and {own}")
    operator = Mutate(Parents([parent]), n, region, strength, lock, check_number("picked", picked, 0))
    return context.start(operator, n, settings, seed, limit)
