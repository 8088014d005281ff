"""Operators on latents as pure functions, one file each."""

from guidewidgets.evolve.voronoi import voronoi_crossover

__all__ = ["voronoi_crossover"]
