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
