"""What is no mistake but will not do what was meant is said by name: heavy NOTs, guidance-distilled models."""

from __future__ import annotations

import warnings

import pytest
import tiny

from guidewidgets.engine import Engine


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("NOT cat", "only NOTs"),
        ("cat AND NOT dog ::1.5", "NOT outweighs the rest"),
    ],
)
def test_improper_sums_are_warned_of(engine, prompt, says):
    with pytest.warns(UserWarning, match=says):
        engine.render(engine.noise(1), prompt, steps=1)


def test_a_plain_composition_is_not_warned_of(engine):
    engine.render(engine.noise(1), "cat AND hat AND NOT dog", steps=1)
    engine.render(engine.noise(1), "cat AND NOT dog ::1.25", steps=1)  # as the study recommends


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("stabilityai/sd-turbo", 4),
        ("ByteDance/SDXL-Lightning-8step", 8),
        ("x/lcm-dreamshaper", 4),
        ("Hyper-SD_1-step", 1),
    ],
)
def test_distilled_models_are_named(words, name, steps):
    pipeline = tiny.stable_diffusion(words)
    pipeline.register_to_config(_name_or_path=name)
    engine = Engine.load(pipeline)
    assert (engine.vocabulary.steps, engine.vocabulary.guidance) == (steps, 1.0)
    with pytest.warns(UserWarning, match=f"{name} seems to be guidance-distilled.*say it all in one concept"):
        engine.render(engine.noise(1), "cat AND hat", steps=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.render(engine.noise(1), "cat", steps=1)  # one concept is what they are for
