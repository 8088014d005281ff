"""A tiny pipeline and a tiny random CLIP for everything that guides."""

from __future__ import annotations

import pytest
import tiny

from guidewidgets.engine import Engine


@pytest.fixture(scope="session")
def eye(words):
    return tiny.clip(words)


@pytest.fixture(scope="session")
def seeing(words, eye):
    """An engine with an encoder."""
    engine = Engine.load(tiny.stable_diffusion(words))
    engine.encoder = eye
    return engine
