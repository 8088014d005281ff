"""Damage to a session's files, and what must be there in spite of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

from fuzz import JUNK
from stored import SECONDS, content

from guidewidgets.session import Session


def damaged(folder, copy):
    """A copy of a session's folder, and its database to be hurt."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return closing(sqlite3.connect(copy / "session.sqlite"))


def check(copy, engine, trip, *, lost=frozenset(), events=True, placed=True):
    """Everything but the candidates `lost` is there; with `events` also all marks and settings. Returns the notices.

    With `placed` every generation that was shown is shown: an event with another number or parent may lie on a branch.
    """
    _, known, marks, shown, before = trip
    session = Session.open(copy, model=engine)
    try:
        for number in set(known) - lost:
            assert content(session[number]) == known[number]
        assert not placed or {c.id for g in session.history for c in g} >= shown - lost
        if events:
            assert {i: session[i].marks for i in set(known) - lost} == {
                i: marks[i] for i in set(known) - lost
            }
            assert session.view().settings == before
        session.kinship()
        compile(session.code(), "<code>", "exec")
        session.to_html(copy / "page.html")
        star = next(c.id for g in session.history for c in g if c.id not in lost and not c.starred)
        session.star(star)
        fresh = session.sample(1, steps=1).wait(SECONDS)[0].id
        assert fresh > max(known)
        notices = [n.text for n in session.view().notices if n.level == "warning"]
        assert all(len(text) <= 600 and text.isprintable() for text in notices)
        while session.undo():
            pass
        while session.redo():
            pass
    finally:
        session.close()
    again = Session.open(copy, model=engine)  # and what was done since is kept
    try:
        assert again[star].starred
        assert content(again[fresh])
    finally:
        again.close()
    return notices


def hurt_file(copy, rng):
    """Damage a picture, a latent or a film. Returns its candidate, and whether it has to be told at once."""
    file = rng.choice(sorted(p for name in ("images", "latents") for p in (copy / name).iterdir()))
    whole = file.read_bytes()
    match rng.randrange(4):
        case 0:
            file.unlink()
        case 1:
            file.write_bytes(whole[: rng.randrange(len(whole))])
        case 2:
            spoilt = bytearray(whole)
            spoilt[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
            file.write_bytes(spoilt)
        case _:
            file.unlink()
            file.mkdir()
    told = ".film." not in file.name and (not file.is_file() or len(file.read_bytes()) != len(whole))
    return int(file.name.partition(".")[0]), told


def hurt_row(db, rng):
    """Delete a row, or put junk or a flipped bit into one of its cells. Returns table, number, column; or None."""
    # ruff: noqa: S608 - the names are the schema's own
    table = rng.choice(["candidates", "events", "jobs", "meta", "parents"])
    key = {"meta": "key", "candidates": "id", "parents": "child"}.get(table, "number")
    place = rng.choice(db.execute(f"SELECT {key} FROM {table} WHERE {key} != 'looks'").fetchall())[0]
    column = rng.choice([row[1] for row in db.execute(f"PRAGMA table_info({table})")])
    (value,) = db.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (place,)).fetchone()
    spoilt = bytearray(str(value).encode())
    spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    query = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"
    try:
        with db:
            match rng.randrange(3):
                case 0:
                    db.execute(f"DELETE FROM {table} WHERE {key} = ?", (place,))
                case 1:
                    db.execute(query, (rng.choice(JUNK), place))
                case _:
                    db.execute(query.replace("= ?", "= CAST(? AS TEXT)", 1), (bytes(spoilt), place))
    except (sqlite3.Error, OverflowError, UnicodeError):
        return None  # the database itself will not have it
    return table, place, column
