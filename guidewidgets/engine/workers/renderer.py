"""Renderers: genomes in; steps, quick pictures and finished ones out. Here in this process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Hashable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.engine.genome_model import GenomeModel
from guidewidgets.engine.guidance.attribution import Attribution, Listener
from guidewidgets.genome import Genome

TOGETHER = 64  # images denoised side by side; more than this are done one batch after the other


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted besides the finished latents.

    Attributes:
        previews: quick pictures after every step.
        pictures: finished ones at the end.
        attribution: what each concept of the first picture contributed.
        strides: for sketches, see `Engine.sample`.
        lane: "interactive" goes before "batch", between steps.
    """

    previews: bool = True
    pictures: bool = True
    attribution: bool = False
    strides: int | None = None
    lane: str = "batch"


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What a batch has become, by picture.

    Attributes:
        latents: (n, C, H, W), on the device that made them.
        hidden: whether the pipeline's safety checker objects.
        not_finite: whether the autoencoder gave NaN or infinity.
        attribution: of the first, where that was asked for.
    """

    latents: Tensor
    hidden: tuple[bool, ...] = ()
    not_finite: tuple[bool, ...] = ()
    attribution: Attribution | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One step of some of the pictures.

    Attributes:
        places: which of the genomes.
        step: counted from 1.
        total: steps in all.
        pixels: (n, h, w, 3) uint8, quick or finished; None where none are wanted.
        done: what they have become, with the last step.
        painter: who paints them, for people; empty is this process.
    """

    places: Sequence[int]
    step: int
    total: int
    pixels: NDArray[np.uint8] | None = None
    done: Done | None = None
    painter: str = ""


class Renderer(ABC):
    """Paints genomes.

    Attributes:
        apart: its frames come from elsewhere, whoever waits for them; so several may be waited for at a time.
    """

    apart: bool = False

    @property
    @abstractmethod
    def key(self) -> Hashable:
        """Whose turn it is: what has the same key shares one queue. Can be weakly referred to."""

    @abstractmethod
    def render(self, genomes: Sequence[Genome], order: Order) -> Generator[Frame | None, None, None]:
        """Paint genomes, of which all share sampler, steps and size; closing the generator cancels.

        Yields:
            Every step of every picture; None while there is nothing new, for the caller to look around.

        Raises:
            ValueError, FloatingPointError: as `Engine.sample`, while iterating.
        """

    def latents(
        self, genomes: Sequence[Genome], strides: int | None = None, lane: str = "batch"
    ) -> Generator[None, None, Tensor]:
        """Finished latents (n, C, H, W) only, on whatever device; as `render`, yielding as often. See `Order`."""
        made: dict[int, Tensor] = {}
        order = Order(previews=False, pictures=False, strides=strides, lane=lane)
        with closing(self.render(genomes, order)) as frames:
            for frame in frames:
                if frame is not None and frame.done is not None:
                    made |= zip(frame.places, frame.done.latents, strict=True)
                yield
        return torch.stack([made[i] for i in range(len(genomes))])


@final
class Local(Renderer):
    """In this process, in the thread that iterates."""

    def __init__(self, model: GenomeModel) -> None:
        self._model = model

    @property
    def key(self) -> Hashable:
        """The network: one, however many engines share it."""
        return self._model.network.module

    def render(self, genomes: Sequence[Genome], order: Order) -> Generator[Frame, None, None]:
        """See `Renderer.render`."""
        for first in range(0, len(genomes), TOGETHER):
            batch = genomes[first : first + TOGETHER]
            places = range(first, first + len(batch))
            listener = Listener() if order.attribution and first == 0 else None
            for step in self._model.sample(batch, probe=listener, strides=order.strides):
                pixels = done = None
                if step.i == step.total:
                    done = Done(step.x, attribution=listener and listener.influence())
                    if order.pictures:
                        made = self._model.finish(step.x)
                        pixels, done = (
                            made.pixels,
                            Done(step.x, made.hidden, made.not_finite, done.attribution),
                        )
                elif order.previews:
                    pixels = self._model.preview(step.denoised)
                yield Frame(places, step.i, step.total, pixels, done)
