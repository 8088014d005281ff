"""Genomes: content hashes and compact storage."""

from __future__ import annotations

import torch

from guidewidgets import Prompt
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.genome import Genome
from guidewidgets.tensors import compact


def genome(**changes):
    fields = {
        "latent": draw(1, (4, 4, 4), 0)[0],
        "prompt": Prompt.parse("a fox AND NOT a house"),
        "model": "m",
        "revision": "r",
        "sampler": "ddim",
        "steps": 20,
        "guidance": 5.0,
        "size": (16, 16),
        "dtype": "float32",
    }
    return Genome(**(fields | changes))


def test_equal_content_equal_hash():
    assert genome().hash == genome().hash == PINNED


PINNED = "f32bce85b5cd3f973408a16451e8749c15bc77b502e764208e0af9a822f2925a"


def test_everything_that_determines_pixels_is_in_the_hash():
    changes = [
        {"latent": draw(1, (4, 4, 4), 1)[0]},
        {"prompt": Prompt.parse("a fox")},
        {"model": "n"},
        {"revision": "s"},
        {"sampler": "edict"},
        {"steps": 21},
        {"guidance": 5.5},
        {"size": (32, 16)},
        {"dtype": "float64"},
        {"negative": "x"},
        {"negation": "perp"},
        {"pair": torch.zeros(2, 4, 4, 4)},
        {"noise_seed": 1},
        {"embedding_offset": torch.zeros(3)},
        {"sampler_parameters": {"p": 0.93}},
    ]
    hashes = {genome(**change).hash for change in changes}
    assert len(hashes | {genome().hash}) == len(changes) + 1


def test_compact_gives_back_the_bits():
    fresh = draw(1, (4, 4, 4), 0)[0]
    assert compact(fresh).dtype == torch.float16
    assert torch.equal(compact(fresh).float(), fresh)
    optimised = fresh + 1e-4
    assert compact(optimised).dtype == torch.float32
    assert compact(optimised.double()).dtype == torch.float64
