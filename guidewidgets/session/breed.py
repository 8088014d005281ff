"""Genomes and recipes of each operator."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from guidewidgets.engine import Engine
from guidewidgets.evolve.voronoi import CELLS_PER_PARENT, FRESH_SHARE, voronoi_crossover
from guidewidgets.genome import Recipe
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.produce import Brood
from guidewidgets.session.settings import Settings


def sample(engine: Engine, settings: Settings, n: int, seed: int) -> Brood:
    """Fresh noise."""
    latents = engine.noise(n, seed, settings.size)
    return _with(engine, settings, latents, [Recipe("sample", {"index": i}, seed) for i in range(n)])


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
    hashes, numbers = tuple(p.hash for p in parents), tuple(p.id for p in parents)
    recipes = [
        Recipe("cross", {"index": i, "cells": cells, "fresh": fresh}, seed, hashes, numbers) for i in range(n)
    ]
    return _with(engine, settings, children, recipes)


def render(engine: Engine, settings: Settings, parents: Sequence[Candidate], seed: int) -> Brood:
    """The parents' latents, unchanged, under new settings."""
    _check_models(engine, parents)
    latents = torch.stack([parent.genome.latent for parent in parents])
    recipes = [Recipe("render", {"index": i}, seed, (p.hash,), (p.id,)) for i, p in enumerate(parents)]
    return _with(engine, settings, latents, recipes)


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


def _with(engine: Engine, settings: Settings, latents: torch.Tensor, recipes: Sequence[Recipe]) -> Brood:
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
    return list(zip(genomes, recipes, strict=True))
