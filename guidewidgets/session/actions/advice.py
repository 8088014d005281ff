"""What settings will probably not do as their user expects, said when they are chosen."""

from __future__ import annotations

import warnings

from guidewidgets.engine import Engine
from guidewidgets.engine.advice import doubts
from guidewidgets.session.state import State
from guidewidgets.settings import RenderSettings


def advise(engine: Engine, state: State, before: RenderSettings | None, settings: RenderSettings) -> None:
    """Tell of doubts about settings, as far as they are new since those before."""
    texts = all_doubts(engine, settings)
    known = () if before is None or before.prompt != settings.prompt else all_doubts(engine, before)
    # Settings for one job alone are told of as long as that job is the newest.
    about = settings if settings == state.settings else state.numbers.next_event
    if about is settings:
        state.keep_notices(texts, settings)
    for text in (text for text in texts if text not in known):
        state.notice("warning", text, about=about)
        if not state.watched:
            warnings.warn(text, stacklevel=5)


def all_doubts(engine: Engine, settings: RenderSettings) -> list[str]:
    """Words the model never read, and what `engine.advice` says."""
    unknown = engine.unknown_words(settings.prompt)
    guess = [f"{engine.id} has never read: {', '.join(unknown)}; it will guess"] if unknown else []
    return [*guess, *doubts(engine, settings)]
