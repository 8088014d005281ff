"""The scene reader: what is in a picture of the emoji world, in words. It only ever scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from guidewidgets.engine.check import check_images
from guidewidgets.vision.nets import CELLS, ReaderNet

PRESENT = 0.5


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """What one picture shows.

    Args:
        nouns: word → how sure it is that one is there, in [0, 1]; every noun the reader knows. What looks like none
            of them leaves all of them low.
        colours: noun → the colour it was tinted with, None is its own; nouns that are there only.
        spots: noun → centre (x, y) in [0, 1]; nouns that are there only.
        ground: place or plain colour, the likeliest.
        style: the likeliest; None is plain.
    """

    nouns: dict[str, float]
    colours: dict[str, str | None]
    spots: dict[str, tuple[float, float]]
    ground: str
    style: str | None

    @property
    def present(self) -> list[str]:
        """Nouns that are there, the surest first."""
        return sorted(self.spots, key=lambda noun: -self.nouns[noun])

    def relation(self, a: str, b: str) -> str | None:
        """Where `a` stands as seen from `b`: "left", "right", "above" or "below"; None unless both are there."""
        if a not in self.spots or b not in self.spots or a == b:
            return None
        (ax, ay), (bx, by) = self.spots[a], self.spots[b]
        dx, dy = ax - bx, ay - by
        if abs(dx) >= abs(dy):
            return "left" if dx < 0 else "right"
        return "above" if dy < 0 else "below"


@final
class Reader:
    """Reads pictures of the emoji world."""

    def __init__(
        self,
        net: ReaderNet,
        nouns: Sequence[str],
        colours: Sequence[str],
        grounds: Sequence[str],
        styles: Sequence[str],
    ) -> None:
        """Take a net and its words, in the order of its answers; colour 0 is "own", style 0 is "plain"."""
        self.net = net.eval().requires_grad_(False)  # noqa: FBT003 - torch's own signature
        self.nouns, self.colours = tuple(nouns), tuple(colours)
        self.grounds, self.styles = tuple(grounds), tuple(styles)

    @torch.no_grad()
    def read(self, images: Tensor) -> list[Reading]:
        """Read images (n, 3, H, W) in [0, 1].

        Raises:
            ValueError: these are no such images.
        """
        check_images(images)
        return [reading for chunk in images.split(64) for reading in self._read(chunk.clamp(0, 1))]

    def maps(self, images: Tensor) -> Tensor:
        """How surely some object covers each of 8×8 cells, (n, 8, 8) in [0, 1]."""
        with torch.no_grad():
            return 1 - self.net(images).nouns.softmax(1)[:, 0]

    def _read(self, images: Tensor) -> list[Reading]:
        seen = self.net(images)
        cells = seen.nouns.softmax(1)[:, 1:]
        colours = seen.colours.softmax(1)
        grounds, styles = seen.ground.argmax(1).tolist(), seen.style.argmax(1).tolist()
        centres = (torch.arange(CELLS, device=cells.device) + 0.5) / CELLS
        readings: list[Reading] = []
        for i, sure in enumerate(seen.present.sigmoid().tolist()):
            tints: dict[str, str | None] = {}
            spots: dict[str, tuple[float, float]] = {}
            for k, (noun, p) in enumerate(zip(self.nouns, sure, strict=True)):
                if p < PRESENT:
                    continue
                weight = cells[i, k] / cells[i, k].sum().clamp(min=1e-12)
                best = int((colours[i] * weight).sum((1, 2)).argmax())
                tints[noun] = self.colours[best] if best else None
                spots[noun] = (float((weight.sum(0) * centres).sum()), float((weight.sum(1) * centres).sum()))
            style = self.styles[styles[i]] if styles[i] else None
            readings.append(
                Reading(
                    dict(zip(self.nouns, sure, strict=True)), tints, spots, self.grounds[grounds[i]], style
                )
            )
        return readings
