"""Texts that were perhaps meant as language."""

from __future__ import annotations

import pytest

from guidewidgets import Prompt
from guidewidgets.prompt.hints import hints

PARENTHESES, WORDS = "parentheses are text and group nothing", "is text like any other"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a fox AND (a beach OR a forest)", [PARENTHESES]),
        ("(a fox AND a cat) AND NOT a dog", [PARENTHESES]),
        ("a fox and not a house", [WORDS]),
        ("a fox AND not a house", [WORDS]),
        ("a fox And Not a house", [WORDS]),
        ("(a fox AND a cat) and not a dog", [PARENTHESES, WORDS]),
        ("a fox AND {a beach OR a forest}", []),
        ("a (red) fox AND a (blue) house", []),
        ("a smile :) AND a fox", []),
        ("a smile :( AND a fox", []),
        ("a fox and a house", []),
        ("salt and pepper, knot and anot", []),
        ("a fox AND NOT a house", []),
        ('"A FOX AND NOT A HOUSE"', []),
        ("", []),
    ],
)
def test_hints(text, told):
    found = hints(Prompt.parse(text))
    assert len(found) == len(told)
    for line, words in zip(found, told, strict=True):
        assert words in line
        assert "\n" not in line


def test_a_session_says_them(engine):
    assert [d for d in engine.doubts(engine.genomes(engine.noise(1), "a fox and not a house")) if WORDS in d]
