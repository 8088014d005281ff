"""Tiny random-weight pipelines, one of each family, built once; and engines with workers."""

from __future__ import annotations

import pytest
import tiny

from guidewidgets.engine import Engine
from guidewidgets.engine.workers import spawned


@pytest.fixture(scope="session")
def pipelines(words):
    made = {
        "SD 1 (epsilon)": tiny.stable_diffusion(words),
        "SD 2 (v_prediction)": tiny.stable_diffusion(words, "v_prediction"),
        "SDXL": tiny.stable_diffusion_xl(words),
    }
    for pipeline in made.values():
        pipeline.set_progress_bar_config(disable=True)
    return made


@pytest.fixture
def load(folder, forks, monkeypatch):
    """Engines with workers that are forked."""
    monkeypatch.setattr(spawned, "launch", forks)
    loaded = []

    def load(workers, model=folder, **more):
        loaded.append(Engine.load(model, workers=workers, **more))
        return loaded[-1]

    yield load
    for engine in loaded:
        engine.pool.close()
