"""Learned words as files: round trip, other programs' files, and what is no textual inversion."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from guidewidgets import Concept, SessionFileError
from guidewidgets.concept import check_word


def vectors(k=2, width=8, seed=0):
    return torch.randn(k, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("names", [["text_encoder"], ["text_encoder", "text_encoder_2"]])
def test_a_file_gives_the_same_concept_back(names, tmp_path):
    concept = Concept("avocado", {name: vectors(seed=i) for i, name in enumerate(names)})
    file = concept.save(tmp_path / "any.safetensors")
    again = Concept.load(file)
    assert again == concept
    assert (again.word, again.hash, hash(again)) == ("avocado", concept.hash, hash(concept))
    assert Concept.load(file, "pear").word == "pear"


def test_copies_and_pickles_are_the_same():
    concept = Concept("avocado", {"text_encoder": vectors()})
    assert copy.deepcopy(concept) == pickle.loads(pickle.dumps(concept)) == concept  # noqa: S301 - our own
    assert concept != Concept("avocado", {"text_encoder": vectors(seed=1)})
    assert concept != Concept("pear", {"text_encoder": vectors()})
    assert repr(concept) == "<Concept 'avocado': 2 × 8>"
    assert concept.tokens == 2


def test_what_was_lent_and_what_is_handed_out_cannot_change_it():
    given = vectors()
    concept = Concept("avocado", {"text_encoder": given})
    given.zero_()
    assert concept.vectors["text_encoder"].any()
    with pytest.raises(TypeError):
        concept.vectors["text_encoder"] = given


def test_files_of_other_programs(tmp_path):
    one, many = vectors(1), vectors(3)
    save_file({"<cat-toy>": one[0]}, tmp_path / "d.safetensors")  # diffusers, one vector
    assert Concept.load(tmp_path / "d.safetensors").word == "<cat-toy>"
    torch.save({"<cat-toy>": many}, tmp_path / "learned_embeds.bin")
    assert torch.equal(Concept.load(tmp_path / "learned_embeds.bin").vectors["text_encoder"], many)
    a1111 = {"string_to_token": {"*": 265}, "string_to_param": {"*": many}, "name": "zorb", "step": 100}
    torch.save(a1111, tmp_path / "a.pt")
    assert Concept.load(tmp_path / "a.pt").word == "zorb"
    save_file({"emb_params": many}, tmp_path / "bad hands 5.safetensors")  # A1111's newer files
    assert Concept.load(tmp_path / "bad hands 5.safetensors").word == "bad-hands-5"
    save_file({"clip_l": many, "clip_g": vectors(3, 12)}, tmp_path / "xl.safetensors")
    found = Concept.load(tmp_path / "xl.safetensors")
    assert (found.word, {n: v.shape[1] for n, v in found.vectors.items()}) == (
        "xl",
        {"text_encoder": 8, "text_encoder_2": 12},
    )


def test_what_is_no_textual_inversion(tmp_path):
    def of(tensors):
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        save_file(tensors, file)
        return file

    for file, said in (
        (tmp_path / "none.safetensors", "no such file"),
        (of({"a": vectors(), "b": vectors()}), "it holds 'a', 'b'"),
        (of({"a": torch.zeros(2, 3, 4)}), r"shape \(2, 3, 4\)"),
        (of({"a": torch.zeros(0, 4)}), r"shape \(0, 4\)"),
        (of({"a": torch.full((1, 4), torch.nan)}), "NaN"),
    ):
        with pytest.raises(SessionFileError, match=said):
            Concept.load(file)
    (tmp_path / "a.pt").write_bytes(pickle.dumps(print))
    with pytest.raises(SessionFileError, match="nothing that can be read safely"):
        Concept.load(tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"x\.bin: expected a name that ends in \.safetensors"):
        Concept("a", {"text_encoder": vectors()}).save(tmp_path / "x.bin")


@given(st.binary(max_size=200), st.sampled_from([".safetensors", ".pt", ".bin"]))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, data, ending):
    file = tmp_path_factory.getbasetemp() / f"fuzz{ending}"
    file.write_bytes(data)
    with pytest.raises(SessionFileError) as caught:
        Concept.load(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("word", ["", "two words", "AND", "NOT", "a" * 41, "<>", "x\n", "a(b)", "x:y"])
def test_what_is_no_word(word):
    with pytest.raises(ValueError, match="expected"):
        check_word(word)
    with pytest.raises(TypeError, match="word=7"):
        check_word(7)


@pytest.mark.parametrize("word", ["avocado", "<cat-toy>", "é", "n_1", "Zorb"])
def test_words(word):
    concept = Concept(word, {"text_encoder": vectors()})
    assert concept.is_in(f"a {word.upper()}, sleeping")
    assert not concept.is_in(f"a x{word}x")
