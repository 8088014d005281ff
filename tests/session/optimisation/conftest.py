"""A session with pictures to optimise."""

from __future__ import annotations

import pytest
from optimising import SECONDS


@pytest.fixture
def one(session):
    """A session with one candidate of few steps."""
    session.set(steps=3)
    session.sample(1).wait(SECONDS)
    return session
