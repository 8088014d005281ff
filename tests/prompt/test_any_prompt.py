"""The prompt language on any text: it is read and prints back or is refused, in linear time."""

import contextlib
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.prove_prompt import HOSTILE, TOKENS, prove
from guidewidgets.prompt import And, Not, Or, Prompt, PromptError

parse = Prompt.parse


def calls(text):
    """How many functions, Python's and C's, it takes to read a text and print it."""
    counted = 0

    def count(_frame, event, _function):
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        with contextlib.suppress(PromptError):
            str(parse(text))
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_costs_linear_work(make):
    # Time itself is measured in benchmarks/prove_prompt.py.
    short, long = calls(make(5000)), calls(make(10_000))
    assert long <= 2.1 * short + 100


NEAR_MISSES = st.lists(st.sampled_from(TOKENS)).map(" ".join)


@given(st.text() | NEAR_MISSES | st.lists(st.sampled_from(TOKENS)).map("".join))
@example("a :5 @")
@example('"a" b')
@example("\x1c")
@example("{a\\} ::2")
def test_any_text_prints_back_or_is_refused(text):
    try:
        prompt = parse(text)
    except PromptError:
        return
    assert parse(str(prompt)) == prompt
    assert str(parse(str(prompt))) == str(prompt)


def test_the_proof_holds_in_small():
    # The full count, and that twice the text takes twice the time, stand in benchmarks/results/prompt.json.
    result = prove(2000, seed=1)
    assert result["read"] > 400
    assert result["refused"] > 400


WEIGHTS = st.floats(allow_nan=False, allow_infinity=False)
LEAVES = (st.text() | NEAR_MISSES).map(Prompt)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, inner, inner),
        st.builds(lambda a, b: Or(a & "x", b & "y"), inner, inner),  # odds of 1, whatever the weights
        st.builds(Not, inner),
        st.builds(lambda p, w: p * w, inner, WEIGHTS),
        st.builds(lambda p: p.at("top"), inner),
        st.builds(lambda p: p.during(0.125, 1 / 3), inner),
    ),
    max_leaves=8,
)


@given(TREES)
def test_any_expression_prints_back(prompt):
    assert parse(str(prompt)) == prompt
