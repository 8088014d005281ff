"""The store: a folder that has every finished candidate and every event before anybody is told of it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.history import Made, UserEvent
from guidewidgets.session.jobs import Job
from guidewidgets.session.journal import Journal, Started
from guidewidgets.session.storage import disk, schema
from guidewidgets.session.storage.contents import Contents
from guidewidgets.session.storage.lock import Lock
from guidewidgets.session.storage.records import event_to_data
from guidewidgets.untrusted import bad, dump_json, parse_json

PREFIX = "guidewidgets-"  # of temporary folders


@final
class Store(Journal):
    """A session's folder. Made by `create` or `open`; safe on any thread.

    Attributes:
        folder: where it is.
        readonly: another session writes to it, or its disk takes no writes.
        working: nobody chose the folder: it stands behind a file, or behind a session without one.
        file: the `.gw` file it stands behind, if there is one.
    """

    def __init__(self, folder: Path, db: sqlite3.Connection, lock: Lock | None, *, durable: bool) -> None:
        super().__init__()
        self.folder = folder
        self.readonly = lock is None
        self.working = False
        self.file: Path | None = None
        self._db, self._lock, self._durable = db, lock, durable
        self._guard = threading.RLock()
        self._late: list[Callable[[sqlite3.Connection], None]] = []
        self.contents = Contents(folder, self.rows, durable=durable)
        # Nobody may come back to close it: what holds candidates of it is forgotten first.
        self._end = weakref.finalize(self, _let_go, db, lock, folder)
        if not self.readonly:
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")

    @classmethod
    def create(cls, folder: Path, meta: Mapping[str, Any], *, durable: bool = True) -> Store:
        """Begin a session's folder, made where it is missing.

        Args:
            folder: empty or not there yet.
            meta: JSON data kept with it.
            durable: what is told to be kept outlives a power cut, not only the process.

        Raises:
            ValueError: something is in the folder already.
            OSError: it cannot be written.
        """
        if (folder / schema.NAME).exists():
            message = f"store={str(folder)!r}: a session is there already: use Session.open({str(folder)!r})"
            raise ValueError(message)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            message = f"store={str(folder)!r}: expected an empty or new folder"
            raise ValueError(message)
        for name in disk.FOLDERS:
            (folder / name).mkdir(parents=True)
        with _told(f"store={str(folder)!r}"):
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
        """A session's folder as somebody left it; read-only while another session writes to it.

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
            with contextlib.suppress(sqlite3.OperationalError):  # a disk that takes no writes
                lock = Lock.take(folder)
            db = schema.connect(folder, readonly=lock is None)
            schema.check(db, readonly=lock is None)
            return cls(folder, db, lock, durable=durable)
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

    def keep(self, job: Job, candidates: Sequence[Candidate]) -> None:
        """See `Journal.keep`: files first, then the rows that make them count, in one transaction."""
        self._check_writable()
        with _told(f"candidates {candidates[0].id} to {candidates[-1].id}"):
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

        self._now_or_late(note)

    def recover(self, number: int, made: Made) -> None:
        """Note the generation of a job that an earlier process began; as late as `end_job` where the disk is full."""
        with contextlib.suppress(OSError):
            self._now_or_late(lambda db: self._push(db, number, made))

    def _now_or_late(self, note: Callable[[sqlite3.Connection], None]) -> None:
        try:
            with self.writing() as db:
                note(db)
        except OSError:
            self._late.append(note)
            raise

    def end_interrupted(self, number: int) -> None:
        """A job that an earlier process began is no longer to be offered."""
        with contextlib.suppress(OSError), self.writing() as db:  # then it is found to be over once more
            db.execute("UPDATE jobs SET state = 'interrupted' WHERE number = ?", (number,))

    def close(self) -> None:
        """See `Journal.close`."""
        with self._guard:
            self._end()

    # What it gives back

    def started(self) -> Mapping[int, Started]:
        """See `Journal.started`."""
        rows = self.rows("SELECT number, call, first, count FROM jobs ORDER BY number")
        return {
            number: Started(parse_json(call, f"job {number}"), range(first, first + count))
            for number, call, first, count in rows
        }

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
                return self._db.execute(query, values).fetchall()
        except schema.BROKEN as error:
            raise bad(f"{self.folder.name}: {schema.NAME} is damaged: {error}") from error

    def copy_database(self, path: Path) -> None:
        """A compact, consistent copy of the database as one file."""
        with _told(path.name), self._guard:
            self._db.execute("VACUUM INTO ?", (str(path),))

    @contextlib.contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One transaction: all of it, or, with an exception, nothing."""
        self._check_writable()
        with self._guard, _told(str(self.folder)):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for note in self._late:  # the order of events is the order they happened in
                    note(self._db)
                yield self._db
                self._db.execute("COMMIT")
                self._late.clear()
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _check_open(self) -> None:
        if not self._end.alive:
            raise bad(f"{self.folder.name}: the session was closed: Session.open opens it again")

    def _check_writable(self) -> None:
        self._check_open()
        if self.readonly:
            raise bad(f"{self.folder.name}: the session is open elsewhere, so it is read-only here")

    def _push(self, db: sqlite3.Connection, number: int, event: UserEvent) -> None:
        kind, data = event_to_data(event)
        values = (number, self.read_meta("cursor"), kind, dump_json(data))
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", values)
        self._note(db, cursor=number, tip=number)

    def _note(self, db: sqlite3.Connection, **meta: Any) -> None:
        rows = [(key, dump_json({"value": value})) for key, value in meta.items()]
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def _let_go(db: sqlite3.Connection, lock: Lock | None, folder: Path) -> None:
    """Close a session's folder; a temporary one in which nothing ever happened is removed."""
    with contextlib.suppress(sqlite3.Error):
        (used,) = db.execute("SELECT EXISTS (SELECT 1 FROM jobs) OR EXISTS (SELECT 1 FROM events)").fetchone()
        if lock is not None and not used and folder.name.startswith(PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
    db.close()
    if lock is not None:
        lock.release()


@contextlib.contextmanager
def _told(what: str) -> Generator[None]:
    """Errors of the disk as OSError with one line."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(f"{what} cannot be saved: {error}") from error
    except OSError as error:
        raise OSError(f"{what} cannot be saved: {error.strerror or error}") from error
