"""Which encoder an engine's pictures are looked at with."""

from __future__ import annotations

from typing import Any

EMBEDDED = "guidewidgets/emoji"


def encoder_of(engine: Any) -> Any:
    """The engine's encoder; for the embedded model the one that comes with it; None where there is none."""
    if engine.encoder is None and engine.id == EMBEDDED:
        from guidewidgets.vision.embedded import guide

        try:
            return guide()
        except ValueError:  # its files are not there
            return None
    return engine.encoder
