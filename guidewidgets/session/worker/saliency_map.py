"""Saliency maps of candidates, computed on a thread of their own, as numbers that widgets can send."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets import forks
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


@final
class SaliencyMapper:
    """Looks on a thread of its own; the newest request wins, and the thread ends with nothing left to do."""

    def __init__(self, found: Callable[[SaliencyMap], None], failed: Callable[[Exception], None]) -> None:
        self._found, self._failed = found, failed
        self._lock = forks.lock()
        self._request: Callable[[], SaliencyMap] | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a map is being made."""
        with self._lock:
            return self._thread is not None

    def request(self, request: Callable[[], SaliencyMap]) -> None:
        """Make this map next."""
        with self._lock:
            self._request = request
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="guidewidgets-saliency", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        with forks.at_work():
            self._look()

    def _look(self) -> None:
        while True:
            with self._lock:
                request, self._request = self._request, None
                if request is None:
                    self._thread = None
                    return
            try:
                seen, problem = request(), None
            except Exception as error:  # noqa: BLE001 - whatever it is, `failed` is called with it
                seen, problem = None, error
            with self._lock:
                last = self._request is None
                if last:  # before the callback, which may read `busy`
                    self._thread = None
            if seen is not None:
                self._found(seen)
            elif problem is not None:
                self._failed(problem)
            if last:
                return
