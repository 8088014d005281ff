"""Prompts of other programs: A1111's AND, the `|` of diffusers' community pipeline, and models by name."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidewidgets.prompt import Concept, Prompt, PromptError
from guidewidgets.prompt.compat import from_a1111, from_diffusers


def concepts(prompt):
    return [(c.text, c.weight) for c in prompt.concepts()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat", [("a cat", 1.0)]),
        ("a cat AND a dog", [("a cat", 1.0), ("a dog", 1.0)]),
        ("a cat :1.2 AND a dog:0.5 AND fog:-1", [("a cat", 1.2), ("a dog", 0.5), ("fog", -1.0)]),
        ("a cat : .5AND a dog", [("a cat : .5AND a dog", 1.0)]),  # the word must stand alone
        ('a sign "ROCK AND ROLL"', [('a sign "ROCK', 1.0), ('ROLL"', 1.0)]),
        ("(red cat AND blue dog:1.3)", [("(red cat", 1.0), ("blue dog:1.3)", 1.0)]),
        ("{a|b} NOT c OR d", [("{a|b} NOT c OR d", 1.0)]),
        ("AND a cat AND", [("a cat", 1.0)]),
        ("  a\n cat ", [("a cat", 1.0)]),
        ("a cat :0", []),
        ("", []),
    ],
)
def test_a1111(text, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prompt = Prompt.parse(text, compat="a1111")
    assert concepts(prompt) == sorted(expected)
    assert Prompt.parse(str(prompt)) == prompt


def test_a1111_weighs_what_looks_like_a_ratio_and_says_so():
    with pytest.warns(UserWarning, match="16:9' ends in a weight of 9"):
        prompt = from_a1111("a wide shot, aspect ratio 16:9")
    assert concepts(prompt) == [("a wide shot, aspect ratio 16", 9.0)]


def test_a1111_weights_too_large_have_a_place():
    with pytest.raises(PromptError, match="too large") as caught:
        from_a1111("a AND b:" + "9" * 350)
    assert (caught.value.line, caught.value.column) == (1, 9)


@given(
    st.text()
    | st.lists(st.sampled_from(["AND", " ", ":1", "a", ":", "-2.5", "\n", '"', "{", "9" * 400])).map("".join)
)
def test_a1111_reads_any_text(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            prompt = from_a1111(text)
        except PromptError:
            return
    assert Prompt.parse(str(prompt)) == prompt


def test_a1111_takes_linear_time():
    for text in ("a AND " * 40_000, ":" * 200_000, " " * 200_000 + ":1", "1" * 200_000, ": " * 100_000 + "1"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from_a1111(text)  # a second look at every character would take minutes


def test_diffusers():
    assert from_diffusers("a cat | a dog") == Prompt("a cat") & Prompt("a dog")
    assert Prompt.parse("a cat | a dog", compat="diffusers") == from_diffusers("a cat | a dog")
    mixed = from_diffusers("a cat | a dog | fog", "7.5 | 3.75 | -7.5", guidance_scale=7.5)
    assert concepts(mixed) == [("a cat", 1.0), ("a dog", 0.5), ("fog", -1.0)]
    assert from_diffusers("a cat AND a hat") == Prompt("a cat AND a hat")  # no operator there
    assert from_diffusers("a | ", [10, 5], guidance_scale=5) == Prompt("a") * 2.0


@pytest.mark.parametrize("weights", ["3", "3 | 4", "x", [3.0], None])
def test_diffusers_looks_at_no_weights_without_a_bar(weights):
    assert from_diffusers("cat", weights, 7.5) == Prompt("cat")
    assert from_diffusers("cat |", "3 | 1", 7.5) == Prompt("cat") * 0.4


@pytest.mark.parametrize(
    ("weights", "says"), [("7.5", "1 weights for 2"), ("7.5 | x", "no weight"), ([1, float("inf")], "finite")]
)
def test_diffusers_weights_are_checked(weights, says):
    with pytest.raises(PromptError, match=says):
        from_diffusers("a | b", weights)
    with pytest.raises(ValueError, match="guidance_scale"):
        from_diffusers("a | b", None, 0.0)


def test_no_other_language():
    with pytest.raises(ValueError, match="compat='comfy'"):
        Prompt.parse("a", compat="comfy")


NAME = "guidewidgets/emoji#0123456789ab"


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        (f"a fox @model:{NAME}", Prompt("a fox", model=NAME)),
        (f"a fox @left @model:{NAME} ::2", (Prompt("a fox", model=NAME) * 2).at("left")),
        ('a fox @model:"my model \\"x\\"#1" AND b', Prompt("a fox", model='my model "x"#1') & "b"),
        (f'"" @model:{NAME}', Prompt("", model=NAME)),
        (f"NOT a fox @model:{NAME}", ~Prompt("a fox", model=NAME)),
    ],
)
def test_models_are_part_of_the_language(text, prompt):
    assert Prompt.parse(text) == prompt
    assert Prompt.parse(str(prompt)) == prompt


def test_concepts_of_different_models_stay_apart():
    prompt = Prompt("a", model=NAME) & Prompt("a") & Prompt("a", model=NAME)
    assert prompt.concepts() == (Concept("a", 1.0), Concept("a", 2.0, model=NAME))
    assert prompt.models == (NAME,)
    assert Prompt("", model=NAME).concepts() == ()


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("a @model:", 3, "name is missing"),
        ("a @model:x", 3, "no model's id"),
        ("{a AND b} @model:x#1", 11, "belongs to one concept"),
        ("a @model:x#1 @model:y#2", 14, "belongs to one concept"),
        ('a @model:"x#1', 3, "name is missing"),
    ],
)
def test_models_that_cannot_be_read_have_a_place(text, column, says):
    with pytest.raises(PromptError, match=says) as caught:
        Prompt.parse(text)
    assert caught.value.column == column


@given(st.text(min_size=1), st.text())
def test_any_name_prints_back(name, text):
    try:
        prompt = Prompt(text, model=f"{name}#1")
    except PromptError:
        return
    assert Prompt.parse(str(prompt)) == prompt
