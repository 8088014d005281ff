"""A database with damaged pages: all rows that can still be read, in a new one."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guidewidgets.session.storage import schema

DAMAGED = f"{schema.NAME}.damaged"
KEYS = {"meta": "rowid", "candidates": "rowid", "parents": "child", "events": "rowid", "jobs": "rowid"}
MOST_LOOKED_FOR = 100_000  # numbers in the middle of a table, one by one


def rebuild(damaged: sqlite3.Connection) -> sqlite3.Connection:
    """A database in memory with the rows of a damaged one whose tables are known to be ours."""
    new = schema.in_memory()
    schema.create(new)
    for table, key in KEYS.items():
        for row in _rows(damaged, table, key):
            places = ", ".join("?" * len(row))
            new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", row)  # noqa: S608 - our own names
    return new


def replace(folder: Path, rebuilt: sqlite3.Connection) -> sqlite3.Connection:
    """Put the new database in the place of the damaged one, which stays beside it."""
    (folder / schema.NAME).replace(folder / DAMAGED)
    for name in ("-wal", "-shm"):
        (folder / f"{schema.NAME}{name}").unlink(missing_ok=True)
    with contextlib.closing(rebuilt):
        rebuilt.execute("VACUUM INTO ?", (str(folder / schema.NAME),))
    db = schema.connect(folder, readonly=False)
    schema.create_log(db)
    return db


def _rows(db: sqlite3.Connection, table: str, key: str) -> Iterator[tuple[Any, ...]]:
    """Rows from the front up to the damage, from the back up to it, and those between that are found by number."""
    first = last = None
    query = f"SELECT {key}, * FROM {table}"  # noqa: S608 - our own names
    for row in _until_damage(db, f"{query} ORDER BY {key}"):
        first = row[0]
        yield row[1:]
    for row in _until_damage(db, f"{query} ORDER BY {key} DESC"):
        if row[0] == first:
            return
        last = row[0]
        yield row[1:]
    start = 0 if first is None else first + 1
    for number in range(start, min(start + MOST_LOOKED_FOR, MOST_LOOKED_FOR if last is None else last)):
        for row in _until_damage(db, f"{query} WHERE {key} = {number}"):
            yield row[1:]


def _until_damage(db: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    try:
        yield from db.execute(query)
    except schema.BROKEN:
        return
