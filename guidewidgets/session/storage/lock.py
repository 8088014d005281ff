"""One writer per session folder: a lock that the system lets go when its process dies, however it dies."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import final

NAME = "session.lock"

_here: set[Path] = set()  # folders locked by this process


@final
class Lock:
    """Held from `take` to `release`. An exclusively locked, empty SQLite database: that works on every system."""

    def __init__(self, db: sqlite3.Connection, folder: Path) -> None:
        self._db = db
        self._folder = folder.absolute()
        _here.add(self._folder)

    @classmethod
    def take(cls, folder: Path) -> Lock | None:
        """The folder's lock; None where another session, here or in another process, holds it.

        Raises:
            OSError, sqlite3.Error: the folder cannot be written to.
        """
        with tempfile.TemporaryFile(
            dir=folder
        ):  # SQLite would lock a file that it cannot write to, which is none
            pass
        uri = f"{(folder / NAME).absolute().as_uri()}?mode=rwc"
        db = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            db.close()
            if "locked" in str(error):
                return None
            raise
        return cls(db, folder)

    def release(self) -> None:
        """Let it go; a second call does nothing."""
        self._db.close()
        _here.discard(self._folder)


def held_here(folder: Path) -> bool:
    """Whether a session of this process writes to a folder."""
    return folder.absolute() in _here
