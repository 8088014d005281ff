"""Every purpose has noise of its own, and it is the noise it always was: stored seeds give the same latents."""

from __future__ import annotations

import hashlib

import pytest
import torch

from guidewidgets import evolve
from guidewidgets.engine.samplers.noise import Stream, draw

PARENTS = draw(3, (2, 4, 4), 9)


@pytest.mark.parametrize(
    ("latents", "expected"),
    [
        (PARENTS, "9e6636a569fb4514"),
        (evolve.voronoi_crossover(PARENTS, 2, cells=8, fresh=0.5, seed=7)[0], "7aa91a1b98c7ef9a"),
        (evolve.mutate(PARENTS[0], 1, 1.0, seed=7)[0], "5265c2edf335e190"),
        (evolve.recombine(PARENTS, [[(0.1, 0.1)], [(0.9, 0.9)], [(0.5, 0.5)]], 3, 7)[0], "9b3187ddd9fd0f81"),
        (evolve.click_voronoi(PARENTS, [[(0.1, 0.1)], [], []], 3, seed=7)[0], "e40b1bcae2444df9"),
    ],
    ids=["initial", "voronoi", "mutate", "recombine", "clicks"],
)
def test_the_bits_are_those_of_commit_2520711(latents, expected):
    assert hashlib.sha256(latents.contiguous().numpy().tobytes()).hexdigest()[:16] == expected


def test_no_two_purposes_share_noise():
    rows = torch.stack([draw(1, (1, 4, 4), 5, stream)[0].flatten() for stream in Stream])
    assert len(rows.unique(dim=0)) == len(Stream)
