"""Sessions on disk, on a tiny random-weight pipeline: the real engine, worker, database and files."""

from __future__ import annotations

import tempfile

import pytest
import tiny
from stored import SECONDS

from guidewidgets.engine import Engine
from guidewidgets.session import Session


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    return Engine.load(tiny.stable_diffusion(tmp_path_factory.mktemp("tokenizer")))


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
