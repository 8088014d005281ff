"""Settings of all kinds, made from the table of limits: one that is added is tried without a word here."""

from __future__ import annotations

from functools import singledispatch

from hypothesis import strategies as st

from guidewidgets.limits import MAX_PIXELS, Choice, Language, Number, Numbers, Size, Text, Whole, Word
from guidewidgets.prompt import And, Not, Prompt
from guidewidgets.settings import LIMITS, RenderSettings

FLOATS = {"allow_nan": False, "allow_infinity": False}
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
LEAVES = TEXTS.map(Prompt)
PROMPTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, inner, inner),
        st.builds(Not, inner),
        st.builds(lambda p, w: p * w, inner, st.floats(-9, 9)),
        st.builds(lambda p: p.at("top").during(0.25, 1 / 3), inner),
    ),
    max_leaves=5,
)


@singledispatch
def values(kind) -> st.SearchStrategy:
    """Everything that a kind takes, as people give it."""
    raise NotImplementedError(kind)


@values.register
def _(kind: Whole):
    return st.integers(kind.least, kind.most)


@values.register
def _(kind: Number):
    return st.floats(kind.least, kind.most, **FLOATS) | st.integers(int(kind.least), int(kind.most))


@values.register
def _(kind: Text):
    return st.none() | TEXTS | st.sampled_from(["\0", "\u2028", '"\\']) | st.just(kind.most).map("x".__mul__)


@values.register
def _(kind: Choice):
    return st.sampled_from(kind.options)


@values.register
def _(kind: Word):
    return NAMES


@values.register
def _(kind: Numbers):
    return st.none() | st.dictionaries(TEXTS, st.floats(-1e9, 1e9, **FLOATS), max_size=kind.most)


@values.register
def _(kind: Size):
    sizes = st.integers(1, kind.most).flatmap(
        lambda width: st.tuples(st.just(width), st.integers(1, min(kind.most, MAX_PIXELS // width)))
    )
    return sizes | sizes.map(lambda size: size[::-1]) | sizes.map(list)


@values.register
def _(kind: Language):
    return PROMPTS | st.just(kind.most).map("x".__mul__)


@singledispatch
def changed(kind) -> object:
    """One value of a kind that is nobody's default."""
    raise NotImplementedError(kind)


changed.register(Whole, lambda kind: kind.least + 1)
changed.register(Number, lambda kind: kind.least + 0.125)
changed.register(Text, lambda _: "a 'text' \\ with \"quotes\"\n")
changed.register(Choice, lambda kind: kind.options[-1])
changed.register(Word, lambda _: "another_1-x")
changed.register(Numbers, lambda _: {"steps": 4.0, "size": 0.1})
changed.register(Size, lambda _: (24, 40))
changed.register(Language, lambda _: Prompt.parse("a fox AND NOT a house ::0.5 @left"))

CHANGED = {name: changed(kind) for name, kind in LIMITS.items()}
RENDER = st.builds(RenderSettings, **{name: values(kind) for name, kind in LIMITS.items()})
