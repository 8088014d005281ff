"""One damaged record never costs a session: it is left out and told, and everything else is there."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3

import pytest
from damaging import check, damaged, hurt_file, hurt_row
from hypothesis import settings
from stored import SECONDS, attempt, content

from guidewidgets import SessionFileError
from guidewidgets.session import Session

EXAMPLES = 2000 if settings.default.max_examples > 1000 else 40


@pytest.fixture(scope="module")
def trip(engine, tmp_path_factory):
    """A folder with four generations, marks, settings, a branch that was left and an undone end; and what is in it."""
    folder = tmp_path_factory.mktemp("damage") / "trip"
    session = Session("a fox", model=engine, store=folder)
    session.set(steps=1)
    session.sample(3).wait(SECONDS)
    session.star(0, 2)
    session.guidance = 3
    session.cross([0, 2], n=2).wait(SECONDS)
    session.undo()
    session.mutate(1, at=[(0.5, 0.5)], n=2, lock=True).wait(SECONDS)
    session.reject(5)
    session.sample(2).wait(SECONDS)
    session.star(7)
    session.undo()
    known = {i: content(c) for i, c in session._state.candidates.items()}
    assert sorted(known) == list(range(9))
    marks = {i: c.marks for i, c in session._state.candidates.items()}
    shown = {c.id for g in session.history for c in g}
    settings = session.view().settings
    session.close()
    return folder, known, marks, shown, settings


@pytest.mark.slow
def test_a_session_with_one_damaged_record_opens_with_everything_else(trip, engine, tmp_path):
    for seed in range(EXAMPLES):
        rng = random.Random(seed)
        with damaged(trip[0], tmp_path / "copy") as db:
            if rng.random() < 0.4:
                (number, told), table, column = hurt_file(tmp_path / "copy", rng), "files", ""
            elif (hurt := hurt_row(db, rng)) is None:
                continue
            else:
                (table, number, column), told = hurt, False
        lost = {number} if table in ("files", "candidates") else set()
        try:
            ordered, placed = (
                table not in ("events", "meta"),
                (table != "events" or column in ("kind", "data", "")),
            )
            notices = check(tmp_path / "copy", engine, trip, lost=lost, events=ordered, placed=placed)
            assert not told or f"candidates {number}" in str(notices)
        except BaseException as error:
            error.add_note(f"seed {seed}: {table} {number} {column}")
            raise


@pytest.mark.slow
def test_a_damaged_page_of_the_database_costs_no_more_than_what_is_on_it(trip, engine, tmp_path):
    """Anywhere but in the first, which says what the file is."""
    folder, known, *_ = trip
    opened = 0
    for seed in range(EXAMPLES // 4):
        rng = random.Random(seed)
        with damaged(folder, tmp_path / "copy"):
            pass
        file = tmp_path / "copy" / "session.sqlite"
        body = bytearray(file.read_bytes())
        page = rng.randrange(1, len(body) // 4096) * 4096
        match rng.randrange(3):
            case 0:
                body[page + rng.randrange(4096)] ^= 1 << rng.randrange(8)
            case 1:
                body[page : page + 300] = bytes(300)
            case _:
                body[page : page + 4096] = rng.randbytes(4096)
        file.write_bytes(bytes(body))
        try:
            session = attempt(lambda: Session.open(tmp_path / "copy", model=engine))
            if session is None:  # the page of the candidates, or of the settings with no picture left to tell
                continue
            opened += 1
            for number in known:
                with contextlib.suppress(IndexError, SessionFileError):
                    assert content(session[number]) == known[number]
            session.kinship()
            compile(session.code(), "<code>", "exec")
            session.close()
        except BaseException as error:
            error.add_note(f"seed {seed}, page {page // 4096}")
            raise
    assert opened > EXAMPLES // 8


def notices_of(copy, engine, trip, sql, *values, **rest):
    folder = trip[0]
    with damaged(folder, copy) as db, db:
        db.execute(sql, values)
    return " ".join(check(copy, engine, trip, **rest))


def test_what_is_left_out_is_told(trip, engine, tmp_path):
    copy = tmp_path / "copy"
    for sql, lost, events, words in (
        ("UPDATE candidates SET hash = 'x' WHERE id = 1", {1}, True, "candidate 1 (it has no content hash)"),
        ("DELETE FROM candidates WHERE id = 2", {2}, True, ""),
        ("UPDATE candidates SET genome = '{' WHERE id = 6", {6}, True, "on the disk: candidates 6"),
        ("UPDATE events SET data = 'x' WHERE kind = 'marked' AND number < 6", set(), False, "event "),
        ("UPDATE events SET data = 'x' WHERE number = 1", set(), True, ""),
        ("UPDATE events SET parent = number WHERE kind = 'made'", set(), False, "what event "),
        ("UPDATE events SET number = 9223372036854775807 WHERE kind = 'marked'", set(), False, ""),
        (
            "UPDATE jobs SET count = 1000000000000 WHERE number = 1",
            set(),
            True,
            "job 1 (count is 1000000000000",
        ),
        ("UPDATE candidates SET image = '../../../etc/passwd' WHERE id = 0", {0}, True, "candidates 0"),
        (
            "UPDATE meta SET value = '{\"value\":77}' WHERE key = 'tip'",
            set(),
            True,
            "the session's tip (the session stands",
        ),
        ("UPDATE meta SET value = 'x' WHERE key = 'model'", set(), True, "the session's model ("),
        ("UPDATE meta SET value = 'x' WHERE key = 'settings'", set(), True, "the session's settings ("),
        ("DELETE FROM meta WHERE key = 'seed'", set(), True, "the session's seed (gone)"),
    ):
        try:
            assert words in notices_of(copy, engine, trip, sql, lost=lost, events=events), sql
        except sqlite3.IntegrityError:
            continue


@pytest.mark.parametrize("value", ["[1]", "[]", "{}", '"0"', "1.5", "-5", "[[1]]"])
@pytest.mark.parametrize("key", ["tip", "cursor"])
def test_a_place_in_the_history_that_is_none(trip, engine, tmp_path, key, value):
    """A list cannot be looked up in a table: it once came out as a TypeError."""
    told = notices_of(
        tmp_path / "copy",
        engine,
        trip,
        "UPDATE meta SET value = ? WHERE key = ?",
        f'{{"value":{value}}}',
        key,
        events=False,
    )
    assert f"the session's {key} (the session stands at event" in told


def test_a_lost_generation_is_found_again_at_its_place(trip, engine, tmp_path):
    folder = trip[0]
    with damaged(folder, tmp_path / "copy") as db, db:
        rows = db.execute("SELECT number, data FROM events WHERE kind = 'made' ORDER BY number").fetchall()
        number, data = rows[2]
        db.execute("UPDATE events SET data = 'x' WHERE number = ?", (number,))
    session = Session.open(tmp_path / "copy", model=engine)
    assert [[c.id for c in g] for g in session.history] == [[0, 1, 2], [5, 6], [7, 8]]
    assert json.loads(data)["candidates"] == [5, 6]
    assert session.history[1].operator == "mutate"
    session.close()
