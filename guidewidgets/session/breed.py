"""Genomes and recipes of each operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from guidewidgets import evolve
from guidewidgets.engine import Engine
from guidewidgets.evolve.recombine import Pick
from guidewidgets.evolve.voronoi import CELLS_PER_PARENT, FRESH_SHARE, voronoi_crossover
from guidewidgets.genome import Anchor, Recipe
from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.produce import Brood
from guidewidgets.session.settings import Settings


@dataclass(frozen=True, slots=True)
class Mutation:
    """Where (None: everywhere), how much (None: the operator's default), and whether the rest is locked."""

    region: Region | None
    strength: float | None
    lock: bool


def sample(engine: Engine, settings: Settings, n: int, seed: int) -> Brood:
    """Fresh noise."""
    latents = engine.noise(n, seed, settings.size)
    return under(engine, settings, latents, [Recipe("sample", {"index": i}, seed) for i in range(n)])


def cross(
    engine: Engine,
    settings: Settings,
    parents: Sequence[Candidate],
    n: int,
    cells: int | None,
    fresh: float | None,
    seed: int,
) -> Brood:
    """Voronoi crossover of the parents' latents."""
    _check_models(engine, parents)
    pool = [parent.genome.latent for parent in parents]
    cells = CELLS_PER_PARENT * len(pool) if cells is None else cells
    fresh = FRESH_SHARE if fresh is None else fresh
    children, _ = voronoi_crossover(pool, n, cells, fresh, seed)
    family = _family(parents)
    recipes = [Recipe("cross", {"index": i, "cells": cells, "fresh": fresh}, seed, *family) for i in range(n)]
    return under(engine, settings, children, recipes)


def blend(engine: Engine, settings: Settings, parents: Sequence[Candidate], n: int, seed: int) -> Brood:
    """Spherical blends of the parents' latents."""
    _check_models(engine, parents)
    children, weights = evolve.blend([parent.genome.latent for parent in parents], n, seed)
    family = _family(parents)
    recipes = [Recipe("blend", {"index": i, "weights": weights[i].tolist()}, seed, *family) for i in range(n)]
    return under(engine, settings, children, recipes)


def recombine(
    engine: Engine,
    settings: Settings,
    parents: Sequence[Candidate],
    picks: Sequence[Pick],
    n: int,
    seed: int,
) -> Brood:
    """The picked parts of several parents in one latent."""
    _check_models(engine, parents)
    children, _ = evolve.recombine([parent.genome.latent for parent in parents], picks, n, seed)
    family, told = _family(parents), [_told(pick) for pick in picks]
    recipes = [Recipe("recombine", {"index": i, "picks": told}, seed, *family) for i in range(n)]
    return under(engine, settings, children, recipes)


def mutate(
    engine: Engine, settings: Settings, parent: Candidate, mutation: Mutation, n: int, seed: int
) -> Brood:
    """New noise in a region of one parent, or a little everywhere."""
    _check_models(engine, [parent])
    genome = parent.genome
    family = _family([parent])
    if mutation.region is None:
        children, cosines = evolve.mutate(genome.latent, n, mutation.strength, seed)
        recipes = [
            Recipe("mutate", {"index": i, "cosine": float(cosines[i])}, seed, *family) for i in range(n)
        ]
        return under(engine, settings, children, recipes, genome.anchor)
    strength = 1.0 if mutation.strength is None else mutation.strength
    children, mask = evolve.mutate_at(genome.latent, mutation.region, n=n, strength=strength, seed=seed)
    told = {"region": mutation.region.to_json(), "strength": strength, "lock": mutation.lock}
    recipes = [Recipe("mutate", {"index": i, **told}, seed, *family) for i in range(n)]
    if mutation.lock:
        anchor = Anchor(genome, mutation.region)
    elif genome.anchor is not None:
        # The parent is locked to its own: what was free there stays free, and the new region becomes so.
        free = genome.anchor.region.mask(*mask.shape) | mask.numpy()
        anchor = Anchor(genome.anchor.genome, Region.bitmap(free))
    else:
        anchor = None
    return under(engine, settings, children, recipes, anchor)


def render(engine: Engine, settings: Settings, parents: Sequence[Candidate], seed: int) -> Brood:
    """The parents' latents, unchanged, under new settings."""
    _check_models(engine, parents)
    latents = torch.stack([parent.genome.latent for parent in parents])
    recipes = [Recipe("render", {"index": i}, seed, (p.hash,), (p.id,)) for i, p in enumerate(parents)]
    return under(engine, settings, latents, recipes)


def _check_models(engine: Engine, parents: Sequence[Candidate]) -> None:
    for parent in parents:
        if parent.genome.revision != engine.revision:
            message = (
                f"candidate {parent.id} was made by {parent.genome.model}, not by this session's {engine.id}"
            )
            raise ValueError(message)
        if parent.genome.latent.shape != parents[0].genome.latent.shape:
            message = (
                f"candidates {parents[0].id} and {parent.id} differ in size: "
                f"{parents[0].genome.size} and {parent.genome.size}; expected one size"
            )
            raise ValueError(message)


def _family(parents: Sequence[Candidate]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    return tuple(parent.hash for parent in parents), tuple(parent.id for parent in parents)


def _told(pick: Pick) -> object:
    """A pick as JSON data."""
    return pick.to_json() if isinstance(pick, Region) else [list(point) for point in pick]


def under(
    engine: Engine,
    settings: Settings,
    latents: torch.Tensor,
    recipes: Sequence[Recipe],
    anchor: Anchor | None = None,
) -> Brood:
    """Genomes of latents under settings, one for each recipe; the first recipe's seed draws the OR branches."""
    genomes = engine.genomes(
        latents,
        settings.prompt,
        settings.steps,
        settings.guidance,
        settings.sampler,
        settings.negative,
        settings.negation,
        seed=recipes[0].seed,
    )
    return [(genome.replace(anchor=anchor), recipe) for genome, recipe in zip(genomes, recipes, strict=True)]
