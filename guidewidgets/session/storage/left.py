"""Sessions that were left behind in temporary folders: found again, and removed where nobody will miss them."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from guidewidgets.arguments import plural, shown
from guidewidgets.session.storage import schema
from guidewidgets.session.storage.database import PREFIX
from guidewidgets.session.storage.lock import Lock, held_here
from guidewidgets.untrusted import SessionFileError, parse_json

DAY = 24 * 3600.0
EMPTY_AFTER = DAY
"""Seconds after which a session without pictures is removed."""
UNMARKED_AFTER = 30 * DAY
"""Seconds after which one is removed whose pictures nobody ever marked: no star, no rejection, no choice."""
RECENT = 7 * DAY
"""Seconds for which a session is offered to the next one of its notebook."""
OFFERED = 12
LOOKED_AT = 20  # folders, for those
TOLD = 40
"""Characters of a prompt that are told."""
_UNITS = ((DAY, "day"), (3600.0, "hour"), (60.0, "minute"))


@final
@dataclass(frozen=True, slots=True)
class LeftSession:
    """A session in a temporary folder that no process has open; `Session.open` takes it.

    Attributes:
        folder: where it is.
        prompt: its newest one, as text.
        pictures: how many were finished.
        starred: how many of them have a star by their newest mark.
        changed: when, in seconds since 1970.
    """

    folder: Path
    prompt: str
    pictures: int
    starred: int
    changed: float

    def __fspath__(self) -> str:
        return str(self.folder)

    @property
    def ago(self) -> str:
        """How long ago it was changed, in words."""
        seconds = time.time() - self.changed
        for size, unit in _UNITS:
            if seconds >= size:
                return f"{plural(int(seconds / size), unit)} ago"
        return "just now"

    @property
    def told(self) -> str:
        """What it holds, in words: "“a fox” 60 pictures, 3 starred, 2 minutes ago"."""
        prompt = " ".join(self.prompt.split())
        named = f"“{prompt if len(prompt) <= TOLD else f'{prompt[: TOLD - 1]}…'}” " if prompt else ""
        stars = f", {self.starred} starred" if self.starred else ""
        return f"{named}{plural(self.pictures, 'picture')}{stars}, {self.ago}"

    def __repr__(self) -> str:
        made = f"{plural(self.pictures, 'picture')}, {self.starred} starred"
        return f"<Session left {self.ago}: {shown(self.prompt)}, {made}, in {self.folder}>"


def prefix() -> str:
    """What the names of this notebook's temporary folders begin with, so that it finds its own again.

    A kernel that Jupyter starts is told which notebook it is for, and so is the one after it.
    """
    notebook = os.environ.get("JPY_SESSION_NAME")
    return f"{PREFIX}{hashlib.sha256(notebook.encode()).hexdigest()[:8]}-" if notebook else PREFIX


def left(*, own: bool = False) -> Iterator[LeftSession]:
    """Sessions of this user that were left behind with pictures, the newest first.

    Args:
        own: those of this notebook before all others.
    """
    found, mine = sorted(_folders(), reverse=True), prefix()
    if own:
        found.sort(key=lambda one: not one[1].name.startswith(mine))
    yield from _with_pictures(found)


def _with_pictures(folders: Iterable[tuple[float, Path]]) -> Iterator[LeftSession]:
    for changed, folder in folders:
        found = None
        with _held(folder) as db, contextlib.suppress(*schema.BROKEN, SessionFileError):
            found = _read(db, folder, changed) if db else None
        if found is not None and found.pictures:
            yield found


def offered() -> tuple[LeftSession, ...]:
    """This notebook's latest sessions with pictures: those that were left, and those that this process has open."""
    since, mine = time.time() - RECENT, prefix()
    own = sorted((one for one in _folders() if one[0] > since and one[1].name.startswith(mine)), reverse=True)
    looked = (look(folder, changed) for changed, folder in own[:LOOKED_AT])
    return tuple(itertools.islice((one for one in looked if one is not None), OFFERED))


def look(folder: Path, changed: float) -> LeftSession | None:
    """What is in a folder that nobody has open, or this process; None: no picture."""
    if not held_here(folder):
        return next(_with_pictures([(changed, folder)]), None)
    one = None
    with contextlib.suppress(*schema.BROKEN, SessionFileError):
        db = schema.connect(folder, readonly=True)
        with contextlib.closing(db):
            one = _read(db, folder, changed)
    return one if one is not None and one.pictures else None


def sweep() -> None:
    """Remove what nobody will miss: sessions left without pictures, and old ones whose pictures were never marked."""
    now = time.time()
    for changed, folder in list(_folders()):
        if now - changed < EMPTY_AFTER:
            continue
        with _held(folder) as db, contextlib.suppress(*schema.BROKEN):
            if db is None:
                continue
            (pictures,) = db.execute("SELECT COUNT(*) FROM candidates").fetchone()
            (marks,) = db.execute("SELECT COUNT(*) FROM events WHERE kind IN ('marked', 'chosen')").fetchone()
            if not marks and (not pictures or now - changed >= UNMARKED_AFTER):
                shutil.rmtree(folder, ignore_errors=True)


def _folders() -> Iterator[tuple[float, Path]]:
    """When it was changed, and where, of this user's temporary sessions."""
    me = os.getuid() if hasattr(os, "getuid") else None
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if not entry.name.startswith(PREFIX) or not entry.is_dir(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError, ValueError):  # ValueError: there is no database in it
                if me in (None, entry.stat(follow_symlinks=False).st_uid):
                    yield schema.changed(Path(entry)), Path(entry)


@contextlib.contextmanager
def _held(folder: Path) -> Generator[sqlite3.Connection | None]:
    """The database of a folder that nobody has open, so that nobody opens it meanwhile; None where somebody has."""
    lock = db = None
    with contextlib.suppress(OSError, sqlite3.Error):
        lock = Lock.take(folder)
        db = schema.connect(folder, readonly=True) if lock else None
    try:
        yield db
    finally:
        for held in (db and db.close, lock and lock.release):
            if held:
                held()


def _read(db: sqlite3.Connection, folder: Path, changed: float) -> LeftSession:
    (pictures,) = db.execute("SELECT COUNT(*) FROM candidates").fetchone()
    settings: Any = {}
    marks: dict[int, bool] = {}
    for key, value in db.execute("SELECT key, value FROM meta WHERE key = 'settings'"):
        settings = parse_json(value, key).get("value", {})
    for kind, text in db.execute(
        "SELECT kind, data FROM events WHERE kind IN ('set', 'marked') ORDER BY number"
    ):
        data: Any = parse_json(text, kind)
        if kind == "set":
            settings = data["after"]
        else:
            marks |= {number: after.get("mark") == "star" for number, _, after in data["changes"]}
    return LeftSession(folder, str(settings.get("prompt", "")), pictures, sum(marks.values()), changed)
