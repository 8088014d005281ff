"""Tiny random-weight pipelines, one of each family, built once."""

from __future__ import annotations

import pytest
import tiny


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
