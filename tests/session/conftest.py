"""Sessions on a tiny random-weight pipeline: the real engine and worker, pictures of 16 × 16 noise."""

from __future__ import annotations

import tempfile

import pytest

from guidewidgets.engine import Engine
from guidewidgets.engine.workers import spawned
from guidewidgets.session import Session

SECONDS = 120  # for any wait: generous, since the machines are shared


@pytest.fixture
def session(engine):
    return Session("a fox on a beach", model=engine, seed=0)


@pytest.fixture
def made(session):
    """A session with one finished generation of twelve."""
    session.set(steps=2)
    session.sample(12).wait(SECONDS)
    return session


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    """What sessions without a path write goes where pytest cleans up."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def begun(engine, tmp_path):
    """A session in a folder with one generation of six, two of them starred."""
    session = Session("a fox on a beach", model=engine, seed=0, store=tmp_path / "trip")
    session.set(steps=2)
    session.sample(6).wait(SECONDS)
    session.star(1, 4)
    yield session
    session.close()


@pytest.fixture(scope="module")
def several(folder, forks):
    """An engine with two workers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spawned, "launch", forks)
        engine = Engine.load(folder, workers=2)
        yield engine
        engine.pool.close()


@pytest.fixture
def composed(engine):
    session = Session("a cat AND NOT a dog", model=engine, seed=1)
    session.set(steps=3)
    return session
