"""Operators on latents as pure functions, one file each."""

from guidewidgets.evolve.blend import blend
from guidewidgets.evolve.mutate import mutate, mutate_at
from guidewidgets.evolve.recombine import recombine
from guidewidgets.evolve.voronoi import voronoi_crossover

__all__ = ["blend", "mutate", "mutate_at", "recombine", "voronoi_crossover"]
