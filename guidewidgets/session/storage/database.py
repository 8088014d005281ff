"""The database of a session at work: reading, and writing all of a thing or nothing of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import weakref
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from guidewidgets import forks
from guidewidgets.session.storage import schema
from guidewidgets.session.storage.disk import saving
from guidewidgets.session.storage.lock import Lock
from guidewidgets.untrusted import bad, dump_json, parse_json

PREFIX = "guidewidgets-"  # of temporary folders


class Database:
    """A session's database in its folder. Safe on any thread; in a process forked off, for reading.

    Attributes:
        folder: where it is.
    """

    def __init__(
        self, folder: Path, db: sqlite3.Connection, lock: Lock | None, why: str = "", *, durable: bool
    ) -> None:
        """Take over an open database.

        Args:
            folder: where it is.
            db: the database in it, or, where the folder takes no writes, a copy in memory.
            lock: of the folder; None: it is read-only.
            why: it is read-only, as the end of a sentence.
            durable: what is written outlives a power cut.
        """
        self.folder = folder
        self._why = why
        self._db = db
        self._process = self._connected = os.getpid()
        self._on_disk = bool(db.execute("PRAGMA database_list").fetchone()[2])
        self._guard = forks.Guard(f"the session in {folder.name}", patient=True)
        self._deferred: list[Callable[[sqlite3.Connection], None]] = []
        # Nobody may come back to close it: what holds candidates of it is forgotten first.
        self._end = weakref.finalize(self, _release, db, lock, folder, self._process)
        if lock is not None:
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")

    @property
    def readonly(self) -> str:
        """Why nothing can be written, as the end of a sentence; empty where it can."""
        if os.getpid() != self._process:
            return f"belongs to process {self._process}, which forked this one"
        return self._why

    def read_meta(self, key: str) -> Any:
        """A value kept with the session; None where there is none."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return parse_json(rows[0][0], f"meta {key}").get("value") if rows else None

    def note(self, **meta: Any) -> None:
        """Keep JSON values with the session."""
        with self.writing() as db:
            self._note(db, **meta)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of a query; SessionFileError where the database is damaged."""
        self._check_open()
        try:
            with self._guard:
                return self._connection().execute(query, values).fetchall()
        except schema.BROKEN as error:
            raise bad(f"{self.folder.name}: {schema.NAME} is damaged: {error}") from error

    def copy_database(self, path: Path) -> None:
        """A compact, consistent copy of the database as one file."""
        with saving(path.name), self._guard:
            self._connection().execute("VACUUM INTO ?", (str(path),))

    @contextlib.contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One transaction: all of it, or, with an exception, nothing."""
        self.check_writable()
        with self._guard, saving(str(self.folder)):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for note in self._deferred:  # the order of events is the order they happened in
                    note(self._db)
                yield self._db
                self._db.execute("COMMIT")
                self._deferred.clear()
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        """The database. No connection of SQLite's may be used in the child of a fork: it gets one of its own."""
        if self._connected != os.getpid() and self._on_disk:
            self._db, self._connected = schema.connect(self.folder, readonly=True), os.getpid()
        return self._db

    def _check_open(self) -> None:
        if not self._end.alive:
            raise bad(f"{self.folder.name}: the session was closed: Session.open opens it again")

    def check_writable(self) -> None:
        """Raise SessionFileError where the session is closed, open elsewhere, or of another process."""
        self._check_open()
        if self.readonly:
            raise bad(f"{self.folder.name}: the session {self.readonly}, so it is read-only here")

    def write_or_defer(self, note: Callable[[sqlite3.Connection], None]) -> None:
        """Write something, or, where the disk is full, with whatever is written next: then OSError."""
        try:
            with self.writing() as db:
                note(db)
        except OSError:
            self._deferred.append(note)
            raise

    def close(self) -> None:
        """Let go of the files, so that others may write to them."""
        with self._guard:
            self._end()

    def _note(self, db: sqlite3.Connection, **meta: Any) -> None:
        rows = [(key, dump_json({"value": value})) for key, value in meta.items()]
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def _release(db: sqlite3.Connection, lock: Lock | None, folder: Path, process: int) -> None:
    """Close a session's folder; a temporary one in which nothing ever happened is removed."""
    if os.getpid() != process:  # a child that ends: all of this is its parent's, and still in use
        return
    with contextlib.suppress(sqlite3.Error):
        (used,) = db.execute("SELECT EXISTS (SELECT 1 FROM jobs) OR EXISTS (SELECT 1 FROM events)").fetchone()
        if lock is not None and not used and folder.name.startswith(PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError, ValueError):
        changed = schema.changed(folder)
        db.close()
        if lock is not None:  # it wrote the log into the file, which is no change: many may end at once
            os.utime(folder / schema.NAME, (changed, changed))
    db.close()
    if lock is not None:
        lock.release()
