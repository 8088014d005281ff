"""Methods that denoise once, guided, and make no updates: what each goes by, refuses and takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from guidewidgets.engine import Engine
from guidewidgets.engine.inversion import check_inverts
from guidewidgets.genome import Genome
from guidewidgets.guide.losses import Losses
from guidewidgets.guide.noise_tilt import check_noise, tilted
from guidewidgets.guide.one_step import check_through, pull
from guidewidgets.guide.optimisation import Step


@dataclass(frozen=True, slots=True)
class Walk:
    """One such method.

    Attributes:
        name: of the method.
        takes: name of the argument that says how strongly it is guided.
        walked: a candidate's genome and a seed of noise → the genome with the sampler that it goes by.
        check: refuses a model or a walked genome that it cannot walk, by ValueError.
        states: its steps.
    """

    name: str
    takes: str
    walked: Callable[[Genome, int], Genome]
    check: Callable[[Engine, Genome], None]
    states: Callable[[Engine, Sequence[Genome], Losses, float], Iterator[Step]]


def _without_noise(genome: Genome, seed: int) -> Genome:
    del seed  # nothing is drawn on the way
    return genome.replace(sampler="ddim", sampler_parameters={}, pair=None)


def _with_noise(genome: Genome, seed: int) -> Genome:
    own = genome.sampler_parameters if genome.sampler == "ddpm" else {}
    return genome.replace(sampler="ddpm", sampler_parameters=own, pair=None, noise_seed=seed)


def _check_tilts(engine: Engine, genome: Genome) -> None:
    check_noise(genome)
    check_inverts(engine)


WALKS = (
    Walk("one_step", "scale", _without_noise, lambda engine, _: check_through(engine), pull),
    Walk("noise_tilt", "tilt", _with_noise, _check_tilts, tilted),
)


def walk_of(method: str) -> Walk | None:
    """The walk of this name; None for methods that make updates, and for what is no method."""
    return next((walk for walk in WALKS if walk.name == method), None)
