"""The prompt language: what it means, that it prints back, and that it refuses with a place and a remedy."""

import pickle
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidewidgets.prompt import And, Concept, Literal, Not, Or, Prompt, PromptError, Qualified
from guidewidgets.region import Box, Region

P = Prompt
parse = Prompt.parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox", P("a fox")),
        ("  a \t fox\n", P("a fox")),
        ("a AND b AND c", And(P("a"), P("b"), P("c"))),
        ("{a AND b} AND c", And(P("a"), P("b"), P("c"))),
        ("a AND b OR c", Or(And(P("a"), P("b")), P("c"))),
        ("a AND {b OR c}", And(P("a"), Or(P("b"), P("c")))),
        ("NOT a AND b", And(Not(P("a")), P("b"))),
        ("a NOT b", And(P("a"), Not(P("b")))),
        ("NOT NOT a", Not(Not(P("a")))),
        ("{{a}}", P("a")),
        ("fog ::0.5", Qualified(P("fog"), weight=0.5)),
        ("fog::0.5", Qualified(P("fog"), weight=0.5)),
        ("fog ::-1e-3", Qualified(P("fog"), weight=-0.001)),
        ("fog :0.5 AND b", And(Qualified(P("fog"), weight=0.5), P("b"))),
        ("NOT fog ::0.5", Not(Qualified(P("fog"), weight=0.5))),
        ("{NOT fog} ::0.5", Qualified(Not(P("fog")), weight=0.5)),
        ("{a ::2} ::3", Qualified(Qualified(P("a"), weight=2.0), weight=3.0)),
        ("a @left %0-0.4 ::2", Qualified(P("a"), 2.0, Box(0, 0, 0.5, 1), (0.0, 0.4))),
        ("a @[0.1,.2, 1,1]", Qualified(P("a"), region=Box(0.1, 0.2, 1, 1))),
        ("{a AND b} @top", Qualified(And(P("a"), P("b")), region=Box(0, 0, 1, 0.5))),
        ("{a}AND{b}", And(P("a"), P("b"))),
    ],
)
def test_grammar(text, expected):
    assert parse(text) == expected
    assert parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "16:9",
        "at 12:30",
        "a 12:30 train",
        "a (soft:1.2) light, [blurry]",
        "rock and roll, not jazz",
        "ANDROID and NOTE",
        "R&D AND/OR",
        "me@example.org",
        "100% wool",
        "a @ sign and 5 % off",
        'a sign that says "STOP AND GO"',
        '"STOP" sign',
        "ein Fuchs – 狐",
    ],
)
def test_plain_text_stays_text(text):
    assert parse(text) == P(text)
    assert str(P(text)) == text


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ('"a AND b"', "a AND b"),
        (r"a \AND b", "a AND b"),
        (r"\{a\}", "{a}"),
        (r"a \@left", "a @left"),
        (r"16 \:9", "16 :9"),
        (r"a \"quote", 'a "quote'),
        (r"\(a\)", r"\(a\)"),
        (r"C:\dir", r"C:\dir"),
        ('" two  spaces "', " two  spaces "),
        (r'"say \"hi\" \\"', 'say "hi" \\'),
    ],
)
def test_quoting(text, literal):
    assert parse(text) == P(literal)
    assert parse(str(P(literal))) == P(literal)


def test_literal_is_never_parsed():
    prompt = P("a cat AND a hat ::2")
    assert prompt.concepts() == (Concept("a cat AND a hat ::2", 1.0),)
    assert isinstance(prompt, Literal)


@pytest.mark.parametrize("text", ["", "   ", "\n", '""'])
def test_empty_prompt_is_the_unconditional_concept(text):
    prompt = parse(text)
    assert prompt == P("")
    assert prompt.terms == ()
    assert prompt.concepts() == ()
    assert str(prompt) == ""


def test_terms_are_the_top_level_conjuncts():
    assert [str(t) for t in parse("a AND NOT b AND {c OR d}").terms] == ["a", "NOT b", "c OR d"]
    assert parse("a").terms == (P("a"),)
    assert len(parse("a OR b").terms) == 1


def test_concepts_are_signed_merged_and_sorted():
    assert parse("b ::0.5 AND NOT a ::2").concepts() == (Concept("a", -2.0), Concept("b", 0.5))
    assert parse("NOT {a AND NOT b}").concepts() == (Concept("a", -1.0), Concept("b", 1.0))
    assert parse("a AND b AND a ::0.5").concepts() == (Concept("a", 1.5), Concept("b", 1.0))
    assert parse("a AND NOT a").concepts() == ()
    assert parse("{a ::2 AND b} ::-3").concepts() == (Concept("a", -6.0), Concept("b", -3.0))
    assert parse('a AND ""').concepts() == (Concept("a", 1.0),)


@given(st.permutations([f"{t} ::{w}" for t, w in zip("abcab", (0.1, 0.2, 0.3, 0.7, 1e-17), strict=True)]))
def test_order_of_terms_never_matters(terms):
    assert parse(" AND ".join(terms)).concepts() == parse(" AND ".join(sorted(terms))).concepts()


def test_nested_regions_and_steps_intersect():
    (inner,) = parse("{a @left %0-0.5} @top %0.25-1").concepts()
    assert inner == Concept("a", 1.0, Box(0, 0, 0.5, 0.5), (0.25, 0.5))
    assert parse("{a @left} @right").concepts() == ()
    assert parse("{a %0-0.2} %0.2-1").concepts() == ()


def test_regions_of_every_kind_print_back():
    for region in (
        Region.points([(0.5, 0.25)], 0.1),
        Region.box(0.1, 0.2, 0.3, 0.4),
        Region.polygon([(0, 0), (1, 0), (0.5, 1)]),
        Region.bitmap([[0, 1], [1, 1]]),
    ):
        prompt = P("a fox").at(region) & "b"
        assert parse(str(prompt)) == prompt


def test_or_draws_by_weight_and_keeps_the_rest():
    prompt = parse("{cat ::3 OR dog @left} AND hat")
    assert prompt.has_or
    drawn = Counter(str(prompt.resolve(random.Random(seed))) for seed in range(2000))
    assert set(drawn) == {"cat AND hat", "dog @left AND hat"}
    assert 0.71 < drawn["cat AND hat"] / 2000 < 0.79
    with pytest.raises(ValueError, match="resolve"):
        prompt.concepts()


def test_resolve_reaches_everywhere_and_is_identity_without_or():
    prompt = parse("NOT {{a OR b} ::2 AND {c OR {d OR e} ::1}}")
    resolved = prompt.resolve(random.Random(1))
    assert not resolved.has_or
    assert len(resolved.concepts()) == 2
    plain = parse("a AND NOT b ::2 @left")
    assert plain.resolve(random.Random(0)) is plain
    assert prompt.resolve(random.Random(7)) == prompt.resolve(random.Random(7))


def test_operators_mirror_the_language():
    a, b, c = P("a"), P("b"), P("c")
    assert a & b & c == parse("a AND b AND c")
    assert a & (b & c) == a & b & c
    assert a | b & ~c == parse("a OR b AND NOT c")
    assert a - b == parse("a NOT b")
    assert a * 1.2 == 1.2 * a == parse("a ::1.2")
    assert (a * 2).at("left").during(0, 0.4) == a.during(0, 0.4).at("left") * 2 == parse("a ::2 @left %0-0.4")
    assert a * 2 * 3 == parse("{a ::2} ::3")
    assert "b OR c" & a == parse("{b OR c} AND a")
    assert ("b" | a) - "c" == parse("{b OR a} AND NOT c")


def test_values_not_identities():
    a = parse("a AND NOT b ::2 @left %0-0.5 OR c")
    assert hash(a) == hash(parse(str(a)))
    assert pickle.loads(pickle.dumps(a)) == a  # noqa: S301 (our own)
    assert eval(repr(a), {"Prompt": Prompt}) == a  # noqa: S307 (our own)
    with pytest.raises(AttributeError):
        P("a").text = "b"
    with pytest.raises(TypeError, match=r"use & \| ~"):
        bool(a)


@pytest.mark.parametrize("weight", [True, "2", None, 1j])
def test_weights_are_numbers(weight):
    with pytest.raises(TypeError, match=r"number|multiply"):
        P("a") * weight


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_weights_are_finite(weight):
    with pytest.raises(PromptError, match="finite"):
        P("a") * weight


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a AND", 1, 6, "missing"),
        ("AND a", 1, 1, "AND stands"),
        ("a OR OR b", 1, 6, "OR stands"),
        ("NOT", 1, 4, "missing"),
        ("a AND\n  NOT", 2, 6, "missing"),
        ("{}", 1, 2, "missing"),
        ("{a AND b", 1, 1, "never closed"),
        ("a}", 1, 2, "closes no group"),
        ('a "b', 1, 3, "never closed"),
        ("::2", 1, 1, "mark"),
        (":2", 1, 1, "mark"),
        ("a ::x", 1, 3, "number"),
        ("std::vector", 1, 4, "number"),
        ("a ::1e999", 1, 3, "too large"),
        ("a ::1 ::2", 1, 7, "second weight"),
        ("a @left @top", 1, 9, "second region"),
        ("a %0-1 ::2 %0-1", 1, 12, "second steps"),
        ("a ::2 b", 1, 7, "operator is missing"),
        ("a {b}", 1, 3, "operator is missing"),
        ("a @lft", 1, 3, "no region lft"),
        ("a @[0,0,2,1]", 1, 3, "outside"),
        ("a @[0,0,1]", 1, 3, "4 numbers"),
        ("a @[nan,0,1,1]", 1, 3, "outside"),
        ('a @{"kind":"blob"}', 1, 3, "unknown kind"),
        ("a %0.5", 1, 3, "fractions"),
        ("a %0.5-0.2", 1, 1, "not in order"),
        ("a ::-1 OR b", 1, 1, "odds"),
        ("{" * 51 + "a", 1, 51, "nests"),
    ],
)
def test_errors_name_place_and_remedy(text, line, column, says):
    with pytest.raises(PromptError, match=says) as caught:
        parse(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    shown, caret = error.text.split("\n")
    assert caret.index("^") <= len(shown)
    assert isinstance(error, ValueError)


def test_deep_prompts_are_refused_however_they_are_made():
    prompt = P("a")
    for _ in range(25):
        prompt = ~(prompt & "b")  # a brace and a NOT each
    assert parse(str(prompt)) == prompt
    with pytest.raises(PromptError, match="nests"):
        _ = ~prompt
