"""Offspring under way, and which candidate each is to be: its own, or in a contest the best ones'."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.workers.renderer import Done, Frame, Order, Renderer
from guidewidgets.genome import Genome
from guidewidgets.session.offspring import Contest, Judge, Offspring


@final
class Entrants:
    """What a job paints.

    Attributes:
        offspring: all of it; in a contest their recipes say why once they are picked.
        seats: place among them → number of the candidate; in a contest the first ones' until all are finished.
        told: that it is a contest, for people; else empty.
    """

    def __init__(self, bred: Offspring | Contest, slots: Sequence[int]) -> None:
        self._judge: Judge | None = None
        self.told = ""
        if isinstance(bred, Contest):
            self._judge, begun = bred.judge, bred.begun
            self.told = f", {len(begun)} images to keep {len(slots)} of"
        else:
            # A resumed job makes the last of its candidates only: the others are there.
            begun = bred[len(bred) - len(slots) :]
        self.offspring = list(begun)
        self._slots = slots
        self.seats = dict(enumerate(slots))

    @property
    def genomes(self) -> list[Genome]:
        """Of all."""
        return [genome for genome, _ in self.offspring]

    def seated(
        self, places: Sequence[int], pixels: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Pictures of some places, those of candidates only, by their numbers."""
        return ((self.seats[p], one) for p, one in zip(places, pixels, strict=True) if p in self.seats)

    def frames(self, engine: Engine, renderer: Renderer) -> Generator[Frame | None, None, None]:
        """As `Renderer.render`; in a contest only those that are picked are finished, with one last frame."""
        if self._judge is None:
            yield from renderer.render(self.genomes, Order())
            return
        made: dict[int, Tensor] = {}
        with closing(renderer.render(self.genomes, Order(pictures=False))) as frames:
            for frame in frames:
                if frame is not None and frame.done is not None:
                    made |= zip(frame.places, frame.done.latents, strict=True)
                    frame = replace(frame, done=None)  # noqa: PLW2901 - it has no picture yet
                yield frame
        z = torch.stack([made[i] for i in range(len(made))]).to(engine.device)
        chosen = yield from self._judge(z)
        chosen = chosen[len(chosen) - len(self._slots) :]
        self.seats = {}
        for slot, (place, recipe) in zip(self._slots, chosen, strict=True):
            self.seats[place] = slot
            self.offspring[place] = self.offspring[place][0], recipe
        places = list(self.seats)
        finished = engine.finish(z[places])
        steps = self.offspring[0][0].steps
        done = Done(z[places], finished.hidden, finished.not_finite)
        yield Frame(places, steps, steps, finished.pixels, done)
