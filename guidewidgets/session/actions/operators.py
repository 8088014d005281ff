"""Genomes and recipes of each operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from guidewidgets import evolve
from guidewidgets.engine import Engine
from guidewidgets.evolve.embedding import (
    Offset,
    blend_offsets,
    cross_offsets,
    dominant_offsets,
    draw_offsets,
    mutate_offsets,
)
from guidewidgets.evolve.recombine import Pick
from guidewidgets.evolve.voronoi import CELLS_PER_PARENT, FRESH_SHARE, voronoi_crossover
from guidewidgets.genome import Anchor, Recipe
from guidewidgets.prompt import Literal
from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.offspring import Offspring
from guidewidgets.session.settings import Settings


@dataclass(frozen=True, slots=True)
class Mutation:
    """Where (None: everywhere), how much (None: the operator's default), and whether the rest is locked."""

    region: Region | None
    strength: float | None
    lock: bool
    picked: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """How a crossover cuts: see `Session.cross`; where there are sites, `cells` and `fresh` have no say."""

    cells: int | None = None
    fresh: float | None = None
    sites: Mapping[int, Sequence[tuple[float, float]]] = field(
        default_factory=dict[int, Sequence[tuple[float, float]]]
    )
    elites: int = 0


def sample(
    engine: Engine, settings: Settings, n: int, seed: int, *, spread: bool = False, embedding: float = 0.0
) -> Offspring:
    """Fresh noise, as it comes or well spread; on the prompt's embedding too, where `embedding` is above 0."""
    if embedding:
        said = next((node.text for node in settings.prompt.walk() if isinstance(node, Literal)), "")
        offsets = draw_offsets(n, engine.network.family.encode(said).states.cpu(), embedding, seed)
        brood = sample(engine, settings, n, seed, spread=spread)
        told = [Recipe(r.operator, {**r.parameters, "embedding": embedding}, r.seed) for _, r in brood]
        return [(g.replace(embedding_offset=o), r) for (g, _), o, r in zip(brood, offsets, told, strict=True)]
    if spread:
        latents, places = evolve.spread(n, engine.shape_of(settings.size), seed)
        recipes = [Recipe("sample", {"index": i, "spread": True}, seed) for i in places]
        return under(engine, settings, latents, recipes)
    latents = engine.noise(n, seed, settings.size)
    return under(engine, settings, latents, [Recipe("sample", {"index": i}, seed) for i in range(n)])


def cross(
    engine: Engine, settings: Settings, parents: Sequence[Candidate], n: int, cut: Cut, seed: int
) -> Offspring:
    """Voronoi crossover of the parents' latents, after the parents that are shown again."""
    check_models(engine, parents)
    if not cut.elites < n or cut.elites > len(parents):
        message = f"elites={cut.elites}: expected at most the {len(parents)} parents, and fewer than n={n}"
        raise ValueError(message)
    again = [
        (parent.genome, Recipe("cross", {"index": i, "elite": True}, seed, (parent.hash,), (parent.id,)))
        for i, parent in enumerate(parents[: cut.elites])
    ]
    children, told, fresh = _mosaics(parents, n - cut.elites, cut, seed)
    offsets = cross_offsets(_offsets(parents), n - cut.elites, fresh, seed)
    family = family_of(parents)
    recipes = [
        Recipe("cross", {"index": cut.elites + i, **told}, seed, *family) for i in range(n - cut.elites)
    ]
    return [*again, *under(engine, settings, children, recipes, offsets=offsets)]


def _mosaics(
    parents: Sequence[Candidate], n: int, cut: Cut, seed: int
) -> tuple[torch.Tensor, dict[str, object], float]:
    """Children of parents, what their recipes say of how they were cut, and the share of fresh noise."""
    pool = [parent.genome.latent for parent in parents]
    if cut.sites:
        numbers = [parent.id for parent in parents]
        if strangers := [number for number in cut.sites if number not in numbers]:
            message = f"sites of {strangers[0]}, which is none of the parents {numbers}"
            raise ValueError(message)
        spots = [[*cut.sites.get(number, ())] for number in numbers]
        children, _ = evolve.click_voronoi(pool, spots, n, seed)
        return children, {"sites": [[list(spot) for spot in some] for some in spots]}, FRESH_SHARE
    cells = CELLS_PER_PARENT * len(pool) if cut.cells is None else cut.cells
    fresh = FRESH_SHARE if cut.fresh is None else cut.fresh
    children, _ = voronoi_crossover(pool, n, cells, fresh, seed)
    return children, {"cells": cells, "fresh": fresh}, fresh


def blend(engine: Engine, settings: Settings, parents: Sequence[Candidate], n: int, seed: int) -> Offspring:
    """Spherical blends of the parents' latents."""
    check_models(engine, parents)
    children, weights = evolve.blend([parent.genome.latent for parent in parents], n, seed)
    offsets, family = blend_offsets(_offsets(parents), weights), family_of(parents)
    recipes = [Recipe("blend", {"index": i, "weights": weights[i].tolist()}, seed, *family) for i in range(n)]
    return under(engine, settings, children, recipes, offsets=offsets)


def recombine(
    engine: Engine,
    settings: Settings,
    parents: Sequence[Candidate],
    picks: Sequence[Pick],
    n: int,
    seed: int,
) -> Offspring:
    """The picked parts of several parents in one latent."""
    check_models(engine, parents)
    children, owners = evolve.recombine([parent.genome.latent for parent in parents], picks, n, seed)
    family, told = family_of(parents), [_told(pick) for pick in picks]
    recipes = [Recipe("recombine", {"index": i, "picks": told}, seed, *family) for i in range(n)]
    return under(engine, settings, children, recipes, offsets=dominant_offsets(_offsets(parents), owners))


def mutate(
    engine: Engine, settings: Settings, parent: Candidate, mutation: Mutation, n: int, seed: int
) -> Offspring:
    """New noise in a region of one parent, or a little everywhere."""
    check_models(engine, [parent])
    genome = parent.genome
    family = family_of([parent])
    if mutation.region is None:
        children, cosines = evolve.mutate(genome.latent, n, mutation.strength, seed, mutation.picked)
        recipes = [
            Recipe("mutate", {"index": i, "cosine": float(cosines[i])}, seed, *family) for i in range(n)
        ]
        offsets = mutate_offsets(genome.embedding_offset, cosines.tolist(), seed)
        return under(engine, settings, children, recipes, genome.anchor, offsets)
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
    return under(engine, settings, children, recipes, anchor, [genome.embedding_offset] * n)


def render(engine: Engine, settings: Settings, parents: Sequence[Candidate], seed: int) -> Offspring:
    """The parents' latents, unchanged, under new settings."""
    check_models(engine, parents)
    latents = torch.stack([parent.genome.latent for parent in parents])
    recipes = [Recipe("render", {"index": i}, seed, (p.hash,), (p.id,)) for i, p in enumerate(parents)]
    return under(engine, settings, latents, recipes, offsets=_offsets(parents))


def _offsets(parents: Sequence[Candidate]) -> list[Offset]:
    return [parent.genome.embedding_offset for parent in parents]


def check_models(engine: Engine, parents: Sequence[Candidate]) -> None:
    """Refuse parents of another model or of different sizes."""
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


def family_of(parents: Sequence[Candidate]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Hashes and numbers of parents, for recipes."""
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
    offsets: Sequence[Offset] | None = None,
) -> Offspring:
    """Genomes of latents under settings, one for each recipe; the first recipe's seed draws the OR branches."""
    genomes = engine.genomes(
        latents,
        settings.prompt,
        settings.steps,
        settings.guidance,
        settings.sampler,
        settings.negative,
        settings.negation,
        corrector=settings.corrector,
        seed=recipes[0].seed,
    )
    moved = [None] * len(genomes) if offsets is None else offsets
    return [
        (genome.replace(anchor=anchor, embedding_offset=offset), recipe)
        for genome, offset, recipe in zip(genomes, moved, recipes, strict=True)
    ]
