"""Learned words as text encoders read them: against words they know, against diffusers' own loader, in all families."""

from __future__ import annotations

import copy
import threading

import pytest
import tiny
import torch
from families import FAMILIES
from safetensors.torch import load_file

from guidewidgets.concept import Concept
from guidewidgets.engine import Engine
from guidewidgets.engine.families.tokens import Tokens, words_of
from guidewidgets.engine.model.spoken import StandIn, _read, tables, width

TEXT = "a zorbling and a zorbling"


def meaning(engine, word, known):
    """A concept that means what a letter means, which all these tokenizers know as one token."""
    vectors = {}
    for name, table in tables(engine.network.family).items():
        tokens = Tokens(words_of(getattr(engine.pipeline, name.replace("text_encoder", "tokenizer"))))
        ids = tokens.of(known, marked=False)
        with torch.no_grad():
            vectors[name] = table(torch.tensor([ids]))[0]
    return Concept(word, vectors)


@pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning")
@pytest.mark.parametrize("name", FAMILIES)
def test_a_word_that_means_a_known_one_is_read_as_that(name, tmp_path):
    """Bit for bit: the same vectors go through the same layers."""
    engine = Engine.load(FAMILIES[name].build(tmp_path))
    expected = engine.network.encoded(TEXT.replace("zorbling", "k"))
    engine.add_concept(meaning(engine, "zorbling", "k"))
    found = engine.network.encoded(TEXT)
    assert torch.equal(found.states, expected.states)
    if expected.pooled is not None:
        assert torch.equal(found.pooled, expected.pooled)


def test_it_reads_as_diffusers_own_loader_makes_a_pipeline_read(tmp_path):
    engine = Engine.load(tiny.stable_diffusion(tmp_path))
    for k in (1, 3):
        vectors = torch.randn(k, 32, generator=torch.Generator().manual_seed(k))
        file = Concept(f"zorb{k}", {"text_encoder": vectors}).save(tmp_path / f"{k}.safetensors")
        engine.add_concept(Concept.load(file))
        other = tiny.stable_diffusion(tmp_path)
        other.load_textual_inversion(str(file))
        expected = other.encode_prompt(f"a zorb{k} hat", "cpu", 1, do_classifier_free_guidance=False)[0][0]
        assert torch.equal(engine.network.encoded(f"a zorb{k} hat").states, expected)


def test_sdxl_reads_as_two_calls_of_diffusers_own_loader_make_it_read(tmp_path):
    """As docs/guides/words.md has it."""
    pipe = tiny.stable_diffusion_xl(tmp_path)
    pipe.tokenizer_2 = copy.deepcopy(pipe.tokenizer)  # published models have two
    engine = Engine.load(tiny.stable_diffusion_xl(tmp_path))
    chance = torch.Generator().manual_seed(3)
    vectors = {
        name: torch.randn(3, table.weight.shape[1], generator=chance)
        for name, table in tables(engine.network.family).items()
    }
    file = Concept("bello", vectors).save(tmp_path / "bello.safetensors")
    engine.add_concept(Concept.load(file))
    both = load_file(file)
    first = {"text_encoder": pipe.text_encoder, "tokenizer": pipe.tokenizer}
    second = {"text_encoder": pipe.text_encoder_2, "tokenizer": pipe.tokenizer_2}
    pipe.load_textual_inversion(both["clip_l"], token="bello", **first)
    pipe.load_textual_inversion(both["clip_g"], token="bello", **second)
    states, _, pooled, _ = pipe.encode_prompt("a bello hat", device="cpu", do_classifier_free_guidance=False)
    found = engine.network.encoded("a bello hat")
    assert torch.equal(found.states, states[0])
    assert torch.equal(found.pooled, pooled[0])


def test_the_pipeline_is_left_as_it_was(tmp_path):
    pipeline = tiny.stable_diffusion(tmp_path)
    engine = Engine.load(pipeline)
    before = pipeline.encode_prompt("a qat", "cpu", 1, do_classifier_free_guidance=False)[0]
    engine.add_concept(Concept("zorbling", {"text_encoder": torch.ones(2, 32)}))
    engine.network.encoded("a zorbling")
    table = pipeline.text_encoder.get_input_embeddings()
    assert not table._forward_hooks
    assert torch.equal(
        pipeline.encode_prompt("a qat", "cpu", 1, do_classifier_free_guidance=False)[0], before
    )


def test_who_uses_the_encoder_meanwhile_reads_what_it_always_did(tmp_path):
    pipeline = tiny.stable_diffusion(tmp_path)
    family = Engine.load(pipeline).network.family
    ids = torch.tensor([[0, 5, 5, 1]])
    table = tables(family)["text_encoder"]
    before, seen = table(ids), []
    with _read(family, [StandIn({"text_encoder": torch.zeros(2, 32)}, {"text_encoder": [5]})]):
        other = threading.Thread(target=lambda: seen.append(table(ids)))
        other.start()
        other.join()
        mine = table(ids)
    assert torch.equal(seen[0], before)
    assert not torch.equal(mine, before)
    assert not mine[0, 1:3].any()


def test_every_picture_has_the_meaning_of_its_own_genome(tmp_path):
    """A word that is learned anew means the new in new pictures, and in the old ones what it meant."""
    engine = Engine.load(tiny.stable_diffusion(tmp_path))
    x = engine.noise(1)
    engine.add_concept(meaning(engine, "zorbling", "k"))
    (old,) = engine.genomes(x, "a zorbling", steps=2)
    engine.add_concept(meaning(engine, "zorbling", "h"))
    (new,) = engine.genomes(x, "a zorbling", steps=2)
    assert old.hash != new.hash
    *_, together = engine.sample([old, new])
    *_, plain = engine.sample([*engine.genomes(x, "a k", steps=2), *engine.genomes(x, "a h", steps=2)])
    assert torch.equal(together.x, plain.x)


def test_it_composes_is_negated_and_stands_in_a_negative_prompt(tmp_path):
    engine = Engine.load(tiny.stable_diffusion(tmp_path))
    engine.add_concept(meaning(engine, "zorbling", "k"))
    x = engine.noise(2)
    for prompt, more in (
        ("a zorbling AND a hat", {}),
        ("a hat AND NOT a zorbling", {}),
        ("a hat OR a hat", {"negative": "a zorbling"}),
        ("a zorbling @left AND a hat @right", {}),
    ):
        said = engine.genomes(x, prompt, steps=2, **more)
        assert all([c.word for c in genome.concepts] == ["zorbling"] for genome in said)
        ours = {k: v.replace("zorbling", "k") for k, v in more.items()}
        plain = engine.genomes(x, prompt.replace("zorbling", "k"), steps=2, **ours)
        *_, one = engine.sample(said)
        *_, other = engine.sample(plain)
        assert (one.x - other.x).abs().max() < 1e-5  # sums in the order of the texts, in fp32


def test_a_genome_holds_only_what_its_texts_say(tmp_path):
    engine = Engine.load(tiny.stable_diffusion(tmp_path))
    engine.add_concept(meaning(engine, "zorbling", "k"))
    for prompt in ("a hat", "a zorblings", "a zorbling-hat", "superzorbling"):
        assert engine.genomes(engine.noise(1), prompt, steps=1)[0].concepts == ()
    assert engine.genomes(engine.noise(1), "a ZORBLING", steps=1)[0].concepts


def test_a_pipeline_that_changes_still_knows_its_words(tmp_path):
    pipeline = tiny.stable_diffusion(tmp_path)
    engine = Engine.load(pipeline)
    engine.add_concept(meaning(engine, "zorbling", "k"))
    with torch.no_grad():
        pipeline.unet.conv_in.weight += 0.1
    engine.refresh()
    assert "zorbling" in [c.word for c in engine.concepts]
    assert Engine.load(pipeline).concepts == engine.concepts


def test_what_does_not_fit_is_refused(tmp_path):
    engine = Engine.load(tiny.stable_diffusion(tmp_path))
    with pytest.raises(
        ValueError, match=r"vectors for text_encoder of 31: this model has text_encoder of 32"
    ):
        engine.add_concept(Concept("zorbling", {"text_encoder": torch.ones(1, 31)}))
    with pytest.raises(ValueError, match="text_encoder_2 of 32"):
        engine.add_concept(Concept("zorbling", {"text_encoder_2": torch.ones(1, 32)}))
    long = Concept("zorblong", {"text_encoder": torch.ones(20, 32)})
    engine.add_concept(long)
    with pytest.raises(ValueError, match="tokens; this model reads"):
        engine.checked(engine.settings(prompt="a zorblong and a hat"))
    assert width(tables(engine.network.family)["text_encoder"]) == 32
