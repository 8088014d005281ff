"""The tokenizer: one token per grammar word, spelling for the rest, readable by transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from transformers import CLIPTokenizer

from training import tokenizer
from training.world import captions
from training.world.nouns import HELD_OUT
from training.world.scene import World, make, rng_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> CLIPTokenizer:
    folder: Path = tmp_path_factory.mktemp("tokenizer")
    tokenizer.build(folder)
    return CLIPTokenizer.from_pretrained(folder)


def test_every_grammar_word_is_one_token(loaded: CLIPTokenizer) -> None:
    several = [word for word in captions.words() if len(loaded(word)["input_ids"]) != 3]
    assert several == []


def test_unknown_words_are_spelled(loaded: CLIPTokenizer) -> None:
    for word in HELD_OUT:
        ids = loaded(word)["input_ids"]
        assert len(ids) > 3
        assert loaded.decode(ids, skip_special_tokens=True).replace(" ", "") == word


def test_every_caption_fits(loaded: CLIPTokenizer) -> None:
    texts = [captions.caption(make(World(), 0, i), rng_of(0, i, 1)) for i in range(500)]
    assert max(len(ids) for ids in loaded(texts)["input_ids"]) <= tokenizer.LENGTH
    assert {len(ids) for ids in tokenizer.encode(loaded, texts)} == {tokenizer.LENGTH}


def test_padding_repeats_the_end_token(loaded: CLIPTokenizer) -> None:
    ids = tokenizer.encode(loaded, ["A  Fox"])[0]
    assert ids[0] == loaded.bos_token_id
    assert set(ids[3:]) == {loaded.eos_token_id} == {loaded.pad_token_id}
