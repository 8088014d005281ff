"""The sketches that `suggest` judges resemble what they are sketches of, on the embedded model."""

from __future__ import annotations

import numpy as np
import pytest

from guidewidgets.engine import Engine
from guidewidgets.session.operators.sketch import STRIDES
from guidewidgets.session.preference.features import features

PICTURES = 12


@pytest.fixture(scope="module")
def embedded():
    return Engine.load()


def likeness(some, others):
    """Correlation of what tells pictures of one prompt apart."""
    a, b = (np.stack(rows) - np.mean(rows, axis=0) for rows in (some, others))
    return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


@pytest.mark.parametrize(("sampler", "steps", "gain"), [("ddim", 20, 0.1), ("dpmpp-2m", 10, 0.05)])
def test_strides_of_the_walk_foretell_the_picture_better_than_as_many_steps(embedded, sampler, steps, gain):
    """Measured on 32 pictures in DDIM's 20 steps: 0.87 against 0.54 in five, 0.75 against 0.40 in four.

    Few steps of DPM++ are good by themselves: 0.80 against 0.71 in five, on these 12.
    """
    noise = embedded.noise(PICTURES, seed=3)
    genomes = embedded.genomes(noise, "a ladybug and a lion", steps=steps, sampler=sampler)

    def look(made, strides=None):
        *_, step = embedded.sample(made, strides=strides)
        return features(embedded, embedded.decode(step.x).float())

    finished = look(genomes)
    sketched = likeness(look(genomes, STRIDES), finished)
    assert sketched > 0.7
    assert sketched > likeness(look([g.replace(steps=STRIDES) for g in genomes]), finished) + gain
