"""Beginning a session, and opening one that exists: where it is kept, its model, its state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guidewidgets.arguments import as_int
from guidewidgets.concept import Concept
from guidewidgets.limits import MAX_SEED
from guidewidgets.prompt import Prompt
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.state import State
from guidewidgets.session.storage import working_copy
from guidewidgets.session.storage.restore import Unfinished, restore
from guidewidgets.session.storage.working_copy import Kept
from guidewidgets.untrusted import SessionFileError


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
    seed = as_int("seed", seed, 0, MAX_SEED)
    source = Model.of(model)
    engine = source()
    settings = engine.checked(engine.settings(prompt=prompt))
    about = {"seed": seed, "model": source.id, "revision": source.revision}
    kept = working_copy.begin(store, about | {"settings": settings.to_data()})
    return Opened(source, State(settings, kept.journal), seed, kept)


def reopen(path: str | os.PathLike[str], model: Any, own: Model | None = None) -> Opened:
    """A session as somebody left it; see `Session.open`. Raises SessionFileError where it cannot be read.

    Args:
        path: where it is.
        model: for what is made from now on.
        own: the model to go on with where its pictures are by that.
    """
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
    if own is not None and found.model == (own.id, own.revision):
        model = own()
    source = Model(None, *found.model, model, lambda: _learned(state))
    return Opened(source, state, found.seed, kept, found.unfinished)


def _learned(state: State) -> Iterator[Concept]:
    """Words that the pictures of a session say, the newest meaning of each first."""
    for generation in reversed(state.generations()):
        for candidate in generation:
            with suppress(SessionFileError):  # damaged, which is told elsewhere
                yield from candidate.genome.concepts
                break
