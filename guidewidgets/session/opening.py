"""Beginning a session, and opening one that exists: where it is kept, its model, its state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guidewidgets.engine.check import check_number
from guidewidgets.prompt import Prompt
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.settings import Settings
from guidewidgets.session.state import State
from guidewidgets.session.storage import working_copy
from guidewidgets.session.storage.records import settings_to_data
from guidewidgets.session.storage.restore import Unfinished, restore
from guidewidgets.session.storage.working_copy import Kept


@dataclass(frozen=True, slots=True)
class Opened:
    """What a session is made of.

    Attributes:
        model: loaded when pixels are first needed.
        state: candidates, history, settings.
        seed: of the session.
        kept: where it is stored.
        unfinished: jobs that were interrupted.
    """

    model: Model
    state: State
    seed: int
    kept: Kept
    unfinished: tuple[Unfinished, ...] = ()


def begin(prompt: str | Prompt, model: Any, seed: int, store: str | Path | None) -> Opened:
    """A new session; see `Session`."""
    check_number("seed", seed, 0)
    parsed = Prompt.parse(prompt) if isinstance(prompt, str) else prompt
    source = Model.of(model)
    engine = source()
    known = engine.vocabulary
    blank = Settings(Prompt.parse(""), known.steps, known.guidance, "ddim", engine.size)
    settings = blank.changed(engine, prompt=parsed)
    about = {"seed": seed, "model": source.id, "revision": source.revision}
    kept = working_copy.begin(store, about | {"settings": settings_to_data(settings)})
    return Opened(source, State(settings, kept.journal), seed, kept)


def reopen(path: str | Path, model: Any) -> Opened:
    """A session as somebody left it; see `Session.open`. Raises SessionFileError where it cannot be read."""
    kept = working_copy.reopen(path)
    try:
        found = restore(kept.store)
        damaged = kept.store.contents.damaged()
        kept.settle()
    except BaseException:
        kept.discard()
        raise
    state = found.state
    if found.warning:
        state.notice("warning", found.warning)
    if damaged:
        some = ", ".join(map(str, damaged[:10])) + (" …" if len(damaged) > 10 else "")
        state.notice("warning", f"damaged or missing on the disk: candidates {some}")
    return Opened(Model(None, *found.model, model), state, found.seed, kept, found.unfinished)
