"""The database of a session: its tables, their versions, and checks of one that comes from anywhere."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

from guidewidgets.untrusted import bad

NAME = "session.sqlite"
APPLICATION = 0x67775331  # "gwS1"
MAX_CELL = 16 << 20
BROKEN = (sqlite3.Error, UnicodeError)
"""What a damaged database raises; the second, where not even the message is text."""

MIGRATIONS = (
    # Version 1. Events form a tree by `parent`: undo moves meta's cursor, acting after undo branches; meta's tip is
    # where redo ends. A job's row reserves its number and its candidates' from the moment it is queued.
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE candidates (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, job INTEGER NOT NULL,
        filtered INTEGER NOT NULL, genome TEXT NOT NULL, recipe TEXT NOT NULL,
        image TEXT NOT NULL, image_bytes INTEGER NOT NULL, latent_bytes INTEGER NOT NULL);
    CREATE INDEX by_hash ON candidates (hash);
    CREATE TABLE parents (child INTEGER NOT NULL, place INTEGER NOT NULL, parent INTEGER NOT NULL,
        PRIMARY KEY (child, place)) WITHOUT ROWID;
    CREATE INDEX by_parent ON parents (parent);
    CREATE TABLE events (number INTEGER PRIMARY KEY, parent INTEGER, kind TEXT NOT NULL, data TEXT NOT NULL);
    CREATE TABLE jobs (number INTEGER PRIMARY KEY, operator TEXT NOT NULL, call TEXT NOT NULL,
        first INTEGER NOT NULL, count INTEGER NOT NULL, state TEXT NOT NULL);
    """,
)
VERSION = len(MIGRATIONS)


def connect(folder: Path, *, readonly: bool) -> sqlite3.Connection:
    """Open the folder's database; transactions are begun and ended by whoever writes."""
    mode = "ro" if readonly else "rwc"
    db = sqlite3.connect(
        f"{(folder / NAME).absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=5,
        isolation_level=None,
        check_same_thread=False,
    )
    return _hardened(db)


def changed(folder: Path) -> float:
    """When a session was last written to, in seconds since 1970. ValueError: there is no database in the folder."""
    files = [folder / name for name in (NAME, f"{NAME}-wal")]
    found = [file.stat() for file in files if file.exists()]
    return max(one.st_mtime for one in found if one.st_size)  # an empty log is of somebody who only looked


def copy_of(folder: Path) -> sqlite3.Connection:
    """A copy in memory of a database whose folder takes no writes: reading it in place would write beside it."""
    db = in_memory()
    with tempfile.TemporaryDirectory() as scratch:
        for name in (NAME, f"{NAME}-wal"):  # a process that was killed left the second one behind
            if (folder / name).exists():
                shutil.copyfile(folder / name, Path(scratch) / name)
        with contextlib.closing(connect(Path(scratch), readonly=False)) as copied:
            copied.backup(db)
    return db


def in_memory() -> sqlite3.Connection:
    """An empty database that no file stands behind."""
    return _hardened(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))


def _hardened(db: sqlite3.Connection) -> sqlite3.Connection:
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL)
    db.execute("PRAGMA trusted_schema = OFF")
    db.text_factory = _text
    return db


def _text(cell: bytes) -> str | bytes:
    """A cell; one that is no text stays bytes, which its reader refuses: raising here would cost all rows."""
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell


def create(db: sqlite3.Connection) -> None:
    """Make the tables in an empty database, in write-ahead mode."""
    create_log(db)
    _upgrade(db, 0)


def create_log(db: sqlite3.Connection) -> None:
    """Write ahead from now on."""
    db.execute("PRAGMA journal_mode = WAL")


def check(db: sqlite3.Connection, *, readonly: bool) -> None:
    """Refuse a database that is not ours or newer than this program; bring an older one up to date.

    Raises:
        SessionFileError: with the reason.
    """
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise bad(f"{NAME} is no session of guidewidgets")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if not 1 <= version <= VERSION:
        raise bad(f"the session has format {version}: this guidewidgets reads 1 to {VERSION}; update it")
    # A schema from elsewhere could hold triggers and views: only our own text is taken.
    if _tables(db) != _expected(version):
        raise bad(f"{NAME} has tables that are not a session's")
    if version < VERSION and readonly:
        raise bad(
            f"the session has the older format {version} and is read-only here: it cannot be brought up to date"
        )
    if version < VERSION:
        _upgrade(db, version)


def whole(db: sqlite3.Connection) -> bool:
    """Whether all pages hold together."""
    try:
        return db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except BROKEN:
        return False


def _upgrade(db: sqlite3.Connection, version: int) -> None:
    for step in range(version, VERSION):
        # One transaction each: a crash leaves the old version whole.
        script = f"BEGIN IMMEDIATE;{MIGRATIONS[step]};PRAGMA application_id = {APPLICATION};"
        db.executescript(f"{script}PRAGMA user_version = {step + 1};COMMIT;")


def _tables(db: sqlite3.Connection) -> list[tuple[str, str, str | None]]:
    return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name LIMIT 100").fetchall()


def _expected(version: int) -> list[tuple[str, str, str | None]]:
    db = sqlite3.connect(":memory:")
    try:
        for script in MIGRATIONS[:version]:
            db.executescript(script)
        return _tables(db)
    finally:
        db.close()
