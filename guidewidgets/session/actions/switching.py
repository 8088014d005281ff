"""One session object, another session: beginning anew, and going on with one that was left."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from guidewidgets.session.actions.files import Files
from guidewidgets.session.opening import begin, reopen
from guidewidgets.session.storage import left
from guidewidgets.session.storage.left import LeftSession
from guidewidgets.session.storage.store import Store
from guidewidgets.untrusted import SessionFileError

if TYPE_CHECKING:
    from guidewidgets.session.opening import Opened

_stores: WeakSet[Store] = WeakSet()
_OWN = ("_widgets", "_verifier")
"""Of the session object, whatever it is about."""


class Switching(Files):
    """Puts another session in a session object's place, so that its variable and its widgets go with it."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._offers = opened.kept.offers
        store = self._state.journal
        if isinstance(store, Store):
            store.parts = {name: value for name, value in vars(self).items() if name not in _OWN}
            _stores.add(store)

    @property
    def offers(self) -> tuple[LeftSession, ...]:
        """This notebook's latest sessions, which the workbench offers while there are no pictures; see `take_up`."""
        return self._offers

    def begin_anew(self) -> None:
        """Be a fresh session with the first prompt and the same seed; what was made so far is kept, and offered.

        Jobs under way are cancelled; their finished pictures are kept, too. One that is fresh already stays.

        Raises:
            ValueError: what was made so far is saved nowhere, or the session was opened without its model.
        """
        state, store = self._state, self._state.journal
        if not (state.candidates or state.jobs) and state.settings == state.first_settings:
            return
        if self._state.candidates and not isinstance(store, Store):
            raise ValueError("this session is not saved anywhere: its pictures would be lost")
        fresh = Switching(begin(self._state.first_settings.prompt, self.engine, self.seed, None))
        self.cancel()
        if isinstance(store, Store) and all(one.folder != store.folder for one in fresh.offers):
            # Of its own folder or file, where nobody looks.
            here = left.look(store.folder, time.time())
            named = [replace(here, folder=store.file or store.folder)] if here else []
            fresh._offers = (*named, *fresh.offers)
        self._become(vars(fresh))
        self._advise(None, self._state.settings)

    def take_up(self, session: LeftSession | str | os.PathLike[str]) -> None:
        """Go on with another session: one of `offers`, or its folder or file. This one is kept where it is.

        One that this process has open is the same session then, not a second one that writes to its files.

        Raises:
            SessionFileError: it cannot be read; one line says why.
            ValueError: pictures are being made.
        """
        if self._state.jobs:
            raise ValueError("pictures are being made: wait for them, or cancel, then open the other session")
        place = Path(session).expanduser().absolute()
        self._become(_open_here(place) or vars(Switching(reopen(place, None, self._model))))

    def _become(self, parts: dict[str, Any]) -> None:
        vars(self).update({name: value for name, value in parts.items() if name not in _OWN})
        self._widgets = {name: one.renewed() for name, one in self._widgets.items() if one.comm is not None}


def _open_here(place: Path) -> dict[str, Any]:
    """Parts of the session of this process that writes there; none where it was closed, or may only read."""
    for store in tuple(_stores):
        if place in (store.folder.absolute(), store.file):
            with suppress(SessionFileError):
                store.check_writable()
                return store.parts
    return {}
