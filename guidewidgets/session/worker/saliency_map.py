"""Saliency maps of candidates, as numbers that widgets can send."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.guide.losses import Focus
from guidewidgets.guide.pictures import to_tensor
from guidewidgets.prompt import Literal
from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate
from guidewidgets.vision.saliency.base import upscale
from guidewidgets.vision.saliency.boxes import Cut, boxes
from guidewidgets.vision.saliency.by_name import source_of

SIDE = 128  # of a map that is sent, at most
Place = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SaliencyMap:
    """A map and what was cut out by it.

    Attributes:
        candidate: its number.
        levels: (h, w) uint8, 255 is the map's maximum.
        boxes: left, top, right, bottom in [0, 1], the most salient first.
        areas: share of the picture that each box takes.
        masses: share of the kept saliency in each.
        kind: "fixation", "object", "text" or "painted".
        source: name of what made it.
        threshold: of the maximum, above which a place is kept.
    """

    candidate: int
    levels: NDArray[np.uint8]
    boxes: tuple[Place, ...]
    areas: tuple[float, ...]
    masses: tuple[float, ...]
    kind: str
    source: str
    threshold: float


def look(engine: Engine, candidate: Candidate, source: str | Region | None) -> SaliencyMap:
    """Where a candidate draws the eye; may take seconds. Raises as `source_of`."""
    prompt = candidate.genome.prompt
    texts = [node.text for node in prompt.walk() if isinstance(node, Literal)]
    asked = source_of(source, engine, texts)
    maps = asked(to_tensor(candidate.image)[None].to(engine.device))
    cut = Cut()
    return shown_map(candidate.id, Focus(maps, boxes(maps, cut), asked.kind, asked.name, cut.threshold))


def shown_map(candidate: int, focus: Focus) -> SaliencyMap:
    """What a loss looked at, for showing: its first image."""
    height, width = focus.maps.shape[-2:]
    row = focus.boxes[0]
    places = tuple((b.left / width, b.top / height, b.right / width, b.bottom / height) for b in row)
    areas = tuple(b.area / (width * height) for b in row)
    masses = tuple(b.mass for b in row)
    return SaliencyMap(
        candidate, levels(focus.maps[0]), places, areas, masses, focus.kind, focus.source, focus.threshold
    )


def levels(one: Tensor) -> NDArray[np.uint8]:
    """A map (H, W) in [0, 1] in 256 steps, no side longer than is sent."""
    height, width = one.shape
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    low = one[None].float() if size == (height, width) else upscale(one[None].float(), size)
    return low[0].clamp(0, 1).mul(255).round().byte().cpu().numpy()
