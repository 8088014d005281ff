"""The words that a small model knows."""

from __future__ import annotations

import pytest
import tiny

from guidewidgets import Engine


@pytest.fixture(scope="module")
def embedded():
    return Engine.load()


def test_every_word_is_one_that_the_model_has_read(embedded):
    words = embedded.words
    assert list(words) == ["nouns", "colours", "places", "styles", "sizes", "relations"]
    assert all(words.values())
    for kind in words.values():
        assert embedded.unknown_words(" ".join(kind)) == []
        assert len(set(kind)) == len(kind)
    assert {"fox", "owl"} <= set(words["nouns"])
    assert {"tiny", "huge"} <= set(words["sizes"])


def test_what_is_done_to_the_list_is_not_done_to_the_model(embedded):
    embedded.words["nouns"].clear()
    assert embedded.words["nouns"]


def test_a_model_that_reads_any_text_names_none(tmp_path):
    assert Engine.load(tiny.stable_diffusion(tmp_path)).words is None


def test_its_own_sampler_needs_fewer_steps(embedded):
    """Half the steps of DDIM, from half the evaluations: the model card has the figures."""
    assert "dpmpp-2m" == embedded.sampler in embedded.samplers
    assert (embedded.settings().sampler, embedded.settings().steps) == ("dpmpp-2m", 10)
    x = embedded.noise(1)
    for sampler, steps in ((None, 10), ("dpmpp-2m", 10), ("ddim", 20), ("edict", 20), ("pipeline", 20)):
        (genome,) = embedded.genomes(x, "a fox", sampler=sampler)
        assert genome.steps == steps
    assert genome.sampler == "ddim"  # of the scheduler
