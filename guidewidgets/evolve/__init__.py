"""Operators on latents as pure functions, one file each."""

from guidewidgets.evolve.blend import blend
from guidewidgets.evolve.clicks import click_voronoi
from guidewidgets.evolve.mutate import mutate, mutate_at
from guidewidgets.evolve.plane import triangle
from guidewidgets.evolve.recombine import recombine
from guidewidgets.evolve.spread import spread
from guidewidgets.evolve.voronoi import voronoi_crossover

__all__ = [
    "blend",
    "click_voronoi",
    "mutate",
    "mutate_at",
    "recombine",
    "spread",
    "triangle",
    "voronoi_crossover",
]
