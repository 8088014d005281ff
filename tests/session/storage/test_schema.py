"""Older databases are brought up to date, step by step; newer ones are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from stored import attempt, content, told

from guidewidgets import SessionFileError
from guidewidgets.session import Session
from guidewidgets.session.storage import schema


@pytest.fixture
def tomorrow(monkeypatch):
    """A program whose format is one version further."""
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE later (x INTEGER)"))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)


def version(folder):
    with closing(sqlite3.connect(folder / schema.NAME)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_an_older_session_is_brought_up_to_date(begun, engine, request):
    before, contents = told(begun), [content(c) for c in begun.history[-1]]
    request.getfixturevalue("tomorrow")
    with pytest.raises(SessionFileError, match="older format 1 and is read-only here"):
        Session.open(begun.folder, model=engine)  # somebody writes to it
    begun.close()
    again = Session.open(begun.folder, model=engine)
    assert told(again) == before
    assert [content(c) for c in again.history[-1]] == contents
    again.close()
    assert version(begun.folder) == 2


def test_a_step_that_breaks_leaves_the_old_version_whole(begun, engine, monkeypatch):
    begun.close()
    with closing(sqlite3.connect(begun.folder / schema.NAME)) as db:
        tables = schema._tables(db)
    with monkeypatch.context() as patch:
        broken = (*schema.MIGRATIONS, "CREATE TABLE later (x INTEGER); CREATE TABLE meta (y INTEGER)")
        patch.setattr(schema, "MIGRATIONS", broken)
        patch.setattr(schema, "VERSION", 2)
        patch.setattr(schema, "_expected", lambda _: tables)
        assert attempt(lambda: Session.open(begun.folder, model=engine)) is None
    assert version(begun.folder) == 1
    Session.open(begun.folder, model=engine).close()


def test_a_newer_session_is_refused(begun, engine):
    begun.close()
    with closing(sqlite3.connect(begun.folder / schema.NAME)) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(
        SessionFileError, match="the session has format 2: this guidewidgets reads 1 to 1; update it"
    ):
        Session.open(begun.folder, model=engine)
