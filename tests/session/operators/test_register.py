"""Every operator there is: its name, its colour, its titles, and that its arguments are checked once."""

from __future__ import annotations

import re

import numpy as np
import pytest

from guidewidgets import evolve
from guidewidgets.session import Session
from guidewidgets.session.operators import METHODS, OPERATORS
from guidewidgets.widgets.lineage_json import nodes
from guidewidgets.widgets.state import on_show, title

ALL = [
    "blend",
    "cross",
    "edit",
    "learn",
    "mix",
    "mutate",
    "optimize",
    "recombine",
    "render",
    "repair",
    "restore",
    "sample",
    "search",
    "suggest",
]
SECONDS = 120


def test_the_register_is_closed():
    assert list(OPERATORS) == ALL, "a new operator: name it here, and add it to WAYS in test_again"
    assert set(ALL) - set(METHODS) == {"restore"}  # which Session.restore makes of files


@pytest.mark.parametrize("name", ALL)
def test_each_can_be_shown_and_called(name):
    operator = OPERATORS[name]
    assert operator.name == name == operator.__module__.rsplit(".", 1)[-1]
    assert re.fullmatch("#[0-9a-f]{6}", operator.colour)
    assert operator.title.format(images="3 images") != operator.title
    assert len(operator.made) == 3
    assert callable(getattr(Session, name))


def test_colours_can_be_told_apart():
    rows = np.array([[int(o.colour[i : i + 2], 16) for i in (1, 3, 5)] for o in OPERATORS.values()])
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    assert apart[~np.eye(len(rows), dtype=bool)].min() > 35  # of 442: cross and blend are the nearest


def test_colours_and_titles_reach_the_page(made):
    made.mix([0, 1], [[0.6, 0.4]], steps=1).wait(SECONDS)
    assert title(made.view(), on_show(made.view(), {})) == "1 mixture of 0, 1"
    told = nodes(made.kinship())
    assert dict(zip(told["operators"], told["colours"], strict=True)) == {
        "Generate": OPERATORS["sample"].colour,
        "Mix": OPERATORS["mix"].colour,
    }
    job = made.render([0, 1])
    assert title(made.view(), on_show(made.view(), {})) == "2 images once more"
    job.wait(SECONDS)


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ("voronoi_crossover", lambda s: s.cross([0, 1], n=2, cells=4)),
        ("click_voronoi", lambda s: s.cross([0, 1], n=2, sites={0: [(0.2, 0.2)]})),
        ("blend", lambda s: s.blend([0, 1], n=2)),
        ("recombine", lambda s: s.recombine({0: [(0.2, 0.5)], 1: [(0.8, 0.5)]}, n=2)),
        ("mutate_at", lambda s: s.mutate(0, at=[(0.2, 0.5)], n=2)),
    ],
)
def test_children_are_made_once(made, monkeypatch, function, call):
    counts = []
    real = getattr(evolve, function)
    monkeypatch.setattr(evolve, function, lambda *args, **kw: counts.append(function) or real(*args, **kw))
    call(made).wait(SECONDS)
    assert counts == [function]


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda s: s.blend([0]), ValueError, "at least two"),
        (lambda s: s.recombine({0: []}), ValueError, "got 0"),
        (lambda s: s.recombine({0: [(0.5, 1.5)]}), ValueError, "1.5"),
        (lambda s: s.mix([0, 1], [[0, 0]]), ValueError, "cancel the parents out"),
        (lambda s: s.suggest(2, [0], pool=0), ValueError, "pool=0"),
        (lambda s: s.suggest(0, [0]), ValueError, "n=0"),
        (lambda s: s.optimize(0, "a fox"), TypeError, "objective='a fox'"),
        (lambda s: s.mutate(), TypeError, "candidate"),
        (lambda s: s.cross([0], 1, 2, 3, 4), TypeError, "positional"),
    ],
)
def test_refused_before_anything_is_queued(made, call, kind, says):
    with pytest.raises(kind, match=says):
        call(made)
    assert made.view().jobs == ()
    assert len(made.history) == 1


def test_candidates_of_another_model_are_refused_at_once(made, monkeypatch):
    monkeypatch.setattr(made.engine, "revision", "another")
    for call in (lambda: made.mutate(0), lambda: made.render([0]), lambda: made.blend([0, 1])):
        with pytest.raises(
            ValueError, match=r"candidate 0 was made by .*, not by this session.s .* \(another\)"
        ):
            call()
    assert made.view().jobs == ()
