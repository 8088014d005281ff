"""Atoms of prompts, and their two means."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import stats

from guidewidgets.evaluate import Ask, Truth, atom_rows
from guidewidgets.evaluate.scores import ReaderScorer, score
from guidewidgets.vision.reader import Reading

MARKS = [[[1.0, 1.0], [1.0, 0.0]], [[0.5, 0.25, 1.0]], [[1.0], [0.9]]]


def test_the_two_means():
    flat = [atoms for pictures in MARKS for atoms in pictures]
    mean, geometric = atom_rows(MARKS)
    assert mean.score == pytest.approx(np.mean([np.mean(atoms) for atoms in flat]))
    assert geometric.score == pytest.approx(np.mean([stats.gmean(atoms) for atoms in flat]))
    for row in (mean, geometric):
        assert (row.prompts, row.images) == (3, 5)
        assert row.low < row.score < row.high
    assert geometric.score < mean.score
    assert [row.category for row in (mean, geometric)] == ["atoms", "all atoms"]


@pytest.mark.parametrize(
    ("marks", "said"),
    [([], "at least one"), ([[[]]], "at least one"), ([[[1.5]]], r"in \[0, 1\]"), ([[[float("nan")]]], r"in \[0, 1\]")],
)  # fmt: skip
def test_what_are_no_marks_is_refused(marks, said):
    with pytest.raises(ValueError, match=f"atoms: expected .*{said}"):
        atom_rows(marks)


def test_the_reader_marks_every_thing_that_is_asked_for(monkeypatch):
    scene = Reading(
        {"fox": 0.9, "owl": 0.8}, {"fox": "red"}, {"fox": (0.2, 0.5), "owl": (0.8, 0.5)}, "sky", "neon"
    )
    monkeypatch.setattr(
        "guidewidgets.vision.embedded.reader", lambda: SimpleNamespace(read=lambda x: [scene] * len(x))
    )
    marks, images = ReaderScorer().atoms, torch.zeros(1, 3, 8, 8)
    for ask, expected in [
        (Ask("", "colour", ("fox",), "red", ground="sky"), [1, 1, 1]),
        (Ask("", "colour", ("owl",), "red", ground="sea"), [1, 0, 0]),
        (Ask("", "pair", ("fox", "cat")), [1, 0]),
        (Ask("", "relation", ("fox", "owl"), relation="left"), [1, 1, 1]),
        (Ask("", "relation", ("owl", "fox"), relation="left"), [1, 1, 0]),
        (Ask("", "style", ("cat",), style="neon"), [0, 1]),
    ]:
        assert marks(images, ask) == [expected]


def test_a_sheet_has_them_where_the_scorer_does():
    class Scorer:
        def __call__(self, images, ask):
            return [0.0] * len(images)

        def atoms(self, images, ask):
            return [[1.0, 0.25]] * len(images) if ask.nouns else [[]] * len(images)

    asks = [Ask("a fox", "noun", ("fox",)), Ask("dark", "light")]
    truth = Truth({"atoms": 0.9})
    sheet = score(lambda _: torch.zeros(2, 3, 8, 8), asks, Scorer(), None, truth, "m", "s")
    assert [row.category for row in sheet.rows] == ["noun", "light", "atoms", "all atoms"]
    assert (sheet["atoms"].score, sheet["all atoms"].score) == (0.625, 0.5)
    assert (sheet["atoms"].images, sheet["atoms"].ceiling, sheet["all atoms"].ceiling) == (2, 0.9, None)
