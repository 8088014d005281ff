"""Sources of saliency by name, as people and files give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from guidewidgets.engine import Engine
from guidewidgets.engine.model.load import EMBEDDED_ID
from guidewidgets.region import Region
from guidewidgets.vision.saliency.attention import CrossAttention
from guidewidgets.vision.saliency.base import Painted, Saliency
from guidewidgets.vision.saliency.embedded import embedded
from guidewidgets.vision.saliency.response import Response
from guidewidgets.vision.saliency.spectral import SpectralResidual

SOURCES: Final[Mapping[str, Callable[[Engine, Sequence[str]], Saliency]]] = {
    "embedded": lambda _engine, _texts: embedded(),
    "spectral": lambda _engine, _texts: SpectralResidual(),
    "response": lambda engine, texts: Response(engine, max(texts, key=len, default="")),
}
"""(engine, concepts of the prompt) → source, by name."""

WORD = "word:"


def usual(engine: Engine) -> str:
    """Name of the source that is asked where none is named."""
    return "embedded" if engine.id == EMBEDDED_ID else "spectral"


def source_of(given: Saliency | Region | str | None, engine: Engine, texts: Sequence[str]) -> Saliency:
    """A source of saliency by name, region, or itself.

    Args:
        given: None: the embedded net for the embedded model, else the spectral residual; "embedded", "spectral",
            "response" (where the prompt changes what the network says), "word:fox" (where the network looks for it);
            a region that was painted; or a source.
        engine: asked by some.
        texts: concepts of the prompt.

    Raises:
        ValueError, TypeError: there is no such source, or no such word in the prompt.
    """
    if isinstance(given, Saliency):
        return given
    if isinstance(given, Region):
        return Painted(given)
    given = usual(engine) if given is None else given
    if isinstance(given, str) and given in SOURCES:
        return SOURCES[given](engine, texts)
    if isinstance(given, str) and given.startswith(WORD):
        word = given.removeprefix(WORD).strip()
        text = next((t for t in texts if word and word.lower() in t.lower()), max(texts, key=len, default=""))
        return CrossAttention(engine, text, word)
    message = f"saliency={given!r:.60}: expected one of {', '.join(SOURCES)}, 'word:…', a Region or a source"
    raise ValueError(message)
