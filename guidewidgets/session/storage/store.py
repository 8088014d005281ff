"""The store: a folder that has every finished candidate and every event before anybody is told of it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from guidewidgets.limits import MAX_CANDIDATES
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.history import Made, UserEvent
from guidewidgets.session.job import Job
from guidewidgets.session.journal import Journal, LineageNode, Started
from guidewidgets.session.storage import disk, rebuild, schema
from guidewidgets.session.storage.contents import Contents
from guidewidgets.session.storage.database import Database
from guidewidgets.session.storage.disk import saving
from guidewidgets.session.storage.lineage_rows import lineage_nodes
from guidewidgets.session.storage.lock import Lock
from guidewidgets.session.storage.records import event_to_data
from guidewidgets.untrusted import SessionFileError, bad, dump_json, field, parse_json, whole


@final
class Store(Database, Journal):
    """A session's folder. Made by `create` or `open`; safe on any thread.

    Attributes:
        folder: where it is.
        rebuilt: its database was damaged, and holds what could still be read of it.
        working: nobody chose the folder: it stands behind a file, or behind a session without one.
        file: the `.gw` file it stands behind, if there is one.
        parts: of the session that writes to it, for another that is to be the same one.
    """

    def __init__(
        self,
        folder: Path,
        db: sqlite3.Connection,
        lock: Lock | None,
        why: str = "",
        *,
        durable: bool,
        rebuilt: bool = False,
    ) -> None:
        Journal.__init__(self)
        Database.__init__(self, folder, db, lock, why, durable=durable)
        self.working, self.rebuilt = False, rebuilt
        self.file: Path | None = None
        self.parts: dict[str, Any] = {}
        self.contents = Contents(folder, self.rows, durable=durable)

    @classmethod
    def create(cls, folder: Path, meta: Mapping[str, Any], *, durable: bool = True) -> Store:
        """Begin a session's folder, made where it is missing.

        Args:
            folder: empty or not there yet.
            meta: JSON data kept with it.
            durable: what is reported as saved outlives a power cut, not only the process.

        Raises:
            ValueError: something is in the folder already.
            OSError: it cannot be written.
        """
        with saving(f"store={str(folder)!r}"):
            if (folder / schema.NAME).exists():
                raise ValueError(
                    f"store={str(folder)!r}: a session is there already: use Session.open({str(folder)!r})"
                )
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise ValueError(f"store={str(folder)!r}: expected an empty or new folder")
            for name in disk.FOLDERS:
                (folder / name).mkdir(parents=True)
            lock = Lock.take(folder)
            db = schema.connect(folder, readonly=False)
            schema.create(db)
        store = cls(folder, db, lock, durable=durable)
        store.note(**meta)
        if durable:
            disk.sync_folder(folder)
        return store

    @classmethod
    def open(cls, folder: Path, *, durable: bool = True) -> Store:
        """A session's folder as somebody left it; read-only while another session writes to it, or where none can.

        Raises:
            SessionFileError: there is none, or it is damaged.
        """
        parts = [folder / name for name in (schema.NAME, *disk.FOLDERS)]
        if not parts[0].is_file():
            raise bad(f"{folder.name}: no session is in there")
        if any(p.is_symlink() for p in parts) or not all(p.is_dir() for p in parts[1:]):
            raise bad(f"{folder.name}: parts of the session are missing, or links to elsewhere")
        lock: Lock | None = None
        db: sqlite3.Connection | None = None
        try:
            lock, db, why = _connect(folder)
            schema.check(db, readonly=lock is None)
            rebuilt = not schema.whole(db)
            if rebuilt:
                damaged, db = db, rebuild.rebuild(db)
                damaged.close()
                db = rebuild.replace(folder, db) if lock else db
            return cls(folder, db, lock, why, durable=durable, rebuilt=rebuilt)
        except BaseException as error:
            for held in (db and db.close, lock and lock.release):
                if held:
                    held()
            if isinstance(error, schema.BROKEN):
                raise bad(f"{folder.name}: {schema.NAME} is damaged: {error}") from error
            raise

    # What the session tells it

    def push(self, number: int, event: UserEvent) -> None:
        """See `Journal.push`."""
        with self.writing() as db:
            self._push(db, number, event)

    def move(self, cursor: int | None) -> None:
        """See `Journal.move`."""
        with self.writing() as db:
            self._note(db, cursor=cursor)

    def begin_job(self, job: Job) -> None:
        """See `Journal.begin_job`."""
        row = (job.id, job.operator, dump_json(job.call), job.slots[0], len(job.slots), "open")
        with self.writing() as db:
            db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", row)

    def amend_job(self, job: Job) -> None:
        """See `Journal.amend_job`."""
        with self.writing() as db:
            db.execute("UPDATE jobs SET call = ? WHERE number = ?", (dump_json(job.call), job.id))

    def keep(self, job: Job, candidates: Sequence[Candidate]) -> None:
        """See `Journal.keep`: files first, then the rows that make them count, in one transaction."""
        self.check_writable()
        with saving(f"candidates {candidates[0].id} to {candidates[-1].id}"):
            rows = self.contents.write(candidates)
        edges = [(c.id, i, p) for c in candidates for i, p in enumerate(c.recipe.parent_ids) if p >= 0]
        with self.writing() as db:
            db.executemany(
                "INSERT INTO candidates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(*row[:2], job.id, *row[2:]) for row in rows],
            )
            db.executemany("INSERT OR REPLACE INTO parents VALUES (?, ?, ?)", edges)
        for candidate in candidates:
            self.contents.put(candidate)

    def end_job(self, job: Job, number: int | None, made: Generation | None) -> None:
        """See `Journal.end_job`. Where the disk is full this is noted with whatever is noted next."""

        def note(db: sqlite3.Connection) -> None:
            db.execute("UPDATE jobs SET state = ? WHERE number = ?", (job.state, job.id))
            if number is not None and made is not None:
                cursor = self.read_meta("cursor")
                self._push(db, number, Made(made))
                if job.discarded:
                    self._note(db, cursor=cursor)

        self.write_or_defer(note)

    def recover(self, number: int, made: Made) -> None:
        """Note the generation of a job that an earlier process began; as late as `end_job` where the disk is full."""
        with contextlib.suppress(OSError):
            self.write_or_defer(lambda db: self._push(db, number, made))

    def end_interrupted(self, number: int) -> None:
        """A job that an earlier process began is no longer to be offered."""
        with contextlib.suppress(OSError), self.writing() as db:  # then it is found to be over once more
            db.execute("UPDATE jobs SET state = 'interrupted' WHERE number = ?", (number,))

    # What it gives back

    def started(self) -> Mapping[int, Started]:
        """See `Journal.started`."""
        found: dict[int, Started] = {}
        for number, call, first, count in self.rows(
            "SELECT number, call, first, count FROM jobs ORDER BY number"
        ):
            with contextlib.suppress(SessionFileError):  # told when it was opened
                start = whole({"first": first}, "first")
                slots = range(start, start + whole({"count": count}, "count", 1, MAX_CANDIDATES))
                found[number] = Started(
                    parse_json(field({"call": call}, "call", str), f"job {number}"), slots
                )
        return found

    def lineage(self, first: int, last: int) -> Sequence[LineageNode]:
        """See `Journal.lineage`."""
        return lineage_nodes(self.rows, first, last)

    def looks(self) -> Any:
        """See `Journal.looks`."""
        with contextlib.suppress(SessionFileError):
            return self.read_meta("looks")
        return None

    def note_looks(self, data: Mapping[str, Any]) -> None:
        """See `Journal.note_looks`. On a full disk, or read-only, they are made again next time."""
        with contextlib.suppress(OSError, SessionFileError):
            self.note(looks=data)

    def _push(self, db: sqlite3.Connection, number: int, event: UserEvent) -> None:
        kind, data = event_to_data(event)
        values = (number, self.read_meta("cursor"), kind, dump_json(data))
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", values)
        self._note(db, cursor=number, tip=number)


def _connect(folder: Path) -> tuple[Lock | None, sqlite3.Connection, str]:
    """The lock of a folder and its database; where nothing can be written, why, as the end of a sentence."""
    try:
        if not os.access(folder / schema.NAME, os.W_OK):
            raise PermissionError(str(folder))
        lock = Lock.take(folder)
    except (OSError, sqlite3.OperationalError):
        return None, schema.copy_of(folder), "cannot be written to"
    return lock, schema.connect(folder, readonly=lock is None), "" if lock else "is open elsewhere"
