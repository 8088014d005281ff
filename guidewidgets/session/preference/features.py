"""A cache of image features by an encoder, kept with the session as data."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets import forks
from guidewidgets.engine import Engine
from guidewidgets.engine.weights import fingerprint
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.journal import Journal
from guidewidgets.untrusted import SessionFileError
from guidewidgets.vision.eyes import encoder_of

POOLED = "pooled pixels"
SIDES = (1, 2, 4, 8)  # of pooled pixels: colour, layout, shapes
TOGETHER = 32
KEPT = 4000  # images
WIDEST = 4096  # numbers that describe one image

Vector = NDArray[np.float64]


@final
class FeatureCache:
    """Features by content hash; each image is encoded once, even if its session is opened again years later."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = forks.lock()
        self._by: str | None = None  # which encoder; read from the journal when first needed
        self._known: dict[str, Vector] = {}

    def of(self, engine: Engine, candidates: Sequence[Candidate]) -> dict[str, Vector]:
        """Features (D,) of candidates, by their hash; may take seconds where many are new."""
        with self._lock:
            by = name_of(engine)
            if self._by is None:
                self._by, self._known = _read(self._journal)
            if by != self._by:
                self._by, self._known = by, {}
            new = list({c.hash: c for c in candidates if c.hash not in self._known}.values())
            for candidate in new:
                pixels = torch.from_numpy(np.asarray(candidate.image, np.float32).copy() / 255)
                (found,) = features(engine, pixels.permute(2, 0, 1)[None])
                self._known[candidate.hash] = found
            if new:
                self._write()
            return {c.hash: self._known[c.hash] for c in candidates}

    def _write(self) -> None:
        newest = list(self._known.items())[-KEPT:]
        halves = {name: base64.b64encode(v.astype("<f2").tobytes()).decode() for name, v in newest}
        self._journal.note_looks({"by": self._by, "features": halves})


def features(engine: Engine, images: Tensor) -> list[Vector]:
    """Features of images (n, 3, H, W) in [0, 1], rounded to fp16 so that what is kept is what was used."""
    encoder = encoder_of(engine)
    with torch.no_grad():
        look = pooled if encoder is None else encoder.images
        rows = [look(part) for part in images.float().split(TOGETHER)]
    return list(torch.cat(rows).half().double().cpu().numpy())


def pooled(images: Tensor) -> Tensor:
    """What there is to compare where no encoder is: mean colours of ever smaller parts, (n, D)."""
    return torch.cat([(F.adaptive_avg_pool2d(images, side).flatten(1) - 0.5) / side for side in SIDES], 1)


def name_of(engine: Engine) -> str:
    """What tells encoders apart."""
    encoder = encoder_of(engine)
    return POOLED if encoder is None else f"encoder {fingerprint([encoder.model])[:16]}"


def _read(journal: Journal) -> tuple[str, dict[str, Vector]]:
    """What an earlier process noted; nothing of it is believed but numbers, and what is odd is made anew."""
    try:
        data = journal.looks()
    except SessionFileError:
        return "", {}
    found = data.get("features") if isinstance(data, dict) else None
    by = data.get("by") if isinstance(data, dict) else None
    if not isinstance(found, dict) or not isinstance(by, str) or len(found) > KEPT:
        return "", {}
    known = {str(name): _vector(text) for name, text in found.items()}
    if any(v is None for v in known.values()) or len({len(v) for v in known.values() if v is not None}) > 1:
        return "", {}
    return by[:100], {name: v for name, v in known.items() if v is not None}


def _vector(text: object) -> Vector | None:
    if not isinstance(text, str) or not 0 < len(text) <= 3 * WIDEST:
        return None
    try:
        vector = np.frombuffer(base64.b64decode(text, validate=True), "<f2").astype(np.float64)
    except ValueError:
        return None
    return vector if np.isfinite(vector).all() else None


def stacked(found: Mapping[str, Vector], names: Sequence[str]) -> Vector:
    """Features (n, D) of names."""
    return np.stack([found[name] for name in names])
