"""Sessions on a tiny random-weight pipeline: the real engine and worker, pictures of 16 × 16 noise."""

from __future__ import annotations

import pytest
import tiny

from guidewidgets.engine import Engine
from guidewidgets.session import Session

SECONDS = 120  # for any wait: generous, since the machines are shared


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    return Engine.load(tiny.stable_diffusion(tmp_path_factory.mktemp("tokenizer")))


@pytest.fixture
def session(engine):
    return Session("a fox on a beach", model=engine, seed=0)


@pytest.fixture
def made(session):
    """A session with one finished generation of twelve."""
    session.set(steps=2)
    session.sample(12).wait(SECONDS)
    return session
