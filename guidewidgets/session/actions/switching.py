"""One session object, another session: beginning anew, and going on with one that was left."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from guidewidgets.session.actions.files import Files
from guidewidgets.session.opening import begin, reopen
from guidewidgets.session.storage import left
from guidewidgets.session.storage.left import LeftSession
from guidewidgets.session.storage.store import Store
from guidewidgets.untrusted import SessionFileError

if TYPE_CHECKING:
    from guidewidgets.session.opening import Opened

_live: WeakSet[Switching] = WeakSet()


class Switching(Files):
    """Puts another session in a session object's place, so that its variable and its widgets go with it."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._offers = opened.kept.offers
        _live.add(self)

    @property
    def offers(self) -> tuple[LeftSession, ...]:
        """What the workbench offers in place of an empty session: this notebook's latest; `take_up` takes one."""
        return self._offers

    def begin_anew(self) -> None:
        """Be a fresh session with the first prompt and the same seed; what was made so far is kept, and offered.

        Jobs under way are cancelled; their finished pictures are kept, too.

        Raises:
            ValueError: what was made so far is saved nowhere, or the session was opened without its model.
        """
        store = self._state.journal
        if self._state.candidates and not isinstance(store, Store):
            raise ValueError("this session is not saved anywhere: its pictures would be lost")
        fresh = Switching(begin(self._state.first_settings.prompt, self.engine, self.seed, None))
        self.cancel()
        if isinstance(store, Store) and all(one.folder != store.folder for one in fresh.offers):
            # Of its own folder or file, where nobody looks.
            here = left.look(store.folder, time.time())
            fresh._offers = (*([here] if here else []), *fresh.offers)
        self._become(fresh)
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
        there = next((one for one in tuple(_live) if one.writes_to(Path(session))), None)
        self._become(Switching(reopen(session, None, self._model)) if there is None else there)

    def writes_to(self, folder: Path) -> bool:
        """Whether this is the session of a folder; not where it was closed, or may only read."""
        if self.folder != folder:
            return False
        with suppress(SessionFileError):
            self._state.journal.check_writable()
            return True
        return False

    def _become(self, other: Switching) -> None:
        own = ("_widgets", "_verifier")
        vars(self).update({name: value for name, value in vars(other).items() if name not in own})
        self._widgets = {name: one.renewed() for name, one in self._widgets.items() if one.comm is not None}
