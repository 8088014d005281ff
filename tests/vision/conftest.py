"""Tiny random-weight pipelines and a tiny random CLIP: real code, no downloads."""

from __future__ import annotations

import pytest
import tiny

from guidewidgets.engine import Engine


@pytest.fixture(scope="session")
def sdxl(words):
    return Engine.load(tiny.stable_diffusion_xl(words))


@pytest.fixture(scope="session")
def encoder(words):
    return tiny.clip(words)
