"""Which encoder an engine's pictures are looked at with."""

from __future__ import annotations

from guidewidgets.engine import Engine
from guidewidgets.vision.encoder import ClipEncoder


def encoder_of(engine: Engine) -> ClipEncoder | None:
    """The engine's encoder; None where it has none, or the embedded one's files are not there."""
    try:
        return engine.encoder
    except ValueError:
        return None
