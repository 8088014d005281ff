"""Score sheets: questions, marks, intervals, and what they print."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.evaluate import Ask, Row, ScoreSheet, Truth, emoji_asks, score_sheet
from guidewidgets.evaluate.row import make_row

VOCABULARY = EMBEDDED / "vocabulary.json"


@pytest.fixture(scope="module")
def asks():
    return emoji_asks(VOCABULARY)


def test_every_noun_is_asked_for_and_sixty_four_of_all_else(asks):
    nouns = json.loads(VOCABULARY.read_text())["nouns"]
    counts = Counter(ask.category for ask in asks)
    assert [ask.nouns[0] for ask in asks if ask.category == "noun"] == nouns
    assert {c: n for c, n in counts.items() if c != "noun"} == dict.fromkeys(
        ("colour", "pair", "relation", "style", "place"), 64
    )


def test_questions_are_the_same_every_time_and_change_with_the_seed(asks):
    assert emoji_asks(VOCABULARY) == asks
    assert emoji_asks(VOCABULARY, seed=1) != asks


def test_questions_only_use_words_the_model_has_read(asks):
    known = set(json.loads(VOCABULARY.read_text())["words"])
    assert {word for ask in asks for word in ask.prompt.replace(",", " ").split()} <= known


def test_questions_say_what_they_ask_for(asks):
    # The training's own reader of captions is the oracle: it must find in the text what the ask claims.
    read = pytest.importorskip("training.world.captions").read
    for ask in asks:
        said = read(ask.prompt)
        assert tuple(noun for noun, _, _ in said.things) == ask.nouns, ask
        assert said.things[0][1] == ask.colour
        assert (said.relation, said.ground, said.style) == (ask.relation, ask.ground, ask.style)


def test_no_question_asks_for_what_cannot_be_seen(asks):
    assert not [ask for ask in asks if ask.colour is not None and ask.colour == ask.ground]
    assert not [ask for ask in asks if len(set(ask.nouns)) != len(ask.nouns)]


def test_a_row_is_the_mean_and_its_interval_is_the_bootstrap_of_prompts():
    marks = [[1, 1], [0, 1], [0, 0], [1, 1]] * 10
    row = make_row("noun", "", marks)
    assert (row.score, row.prompts, row.images) == (0.625, 40, 80)
    # The means of prompts have variance s²; the mean of 40 of them a standard error of s / √40.
    error = np.std([np.mean(m) for m in marks]) / 40**0.5
    assert row.low == pytest.approx(0.625 - 1.96 * error, abs=0.02)
    assert row.high == pytest.approx(0.625 + 1.96 * error, abs=0.02)


def test_a_row_without_pictures_is_refused():
    with pytest.raises(ValueError, match="noun: expected at least one picture of every prompt"):
        make_row("noun", "", [[1], []])


SHEET = ScoreSheet(
    "m#1",
    "20 steps",
    (Row("noun", "says <b>", 2, 4, 0.5, 0.25, 0.75, 0.99), Row("diversity", "", 2, 4, 0.81, 0.7, 0.9)),
    {"fox": 1.0, "owl": 0.25},
)


def test_a_sheet_prints_every_row_with_interval_and_ceiling():
    text = str(SHEET)
    assert "50.0 %  25.0 % to 75.0 %  99.0 %" in text
    assert "0.810" in text
    assert "weakest nouns: owl 25%" in text


def test_a_sheet_in_a_notebook_escapes_what_it_shows():
    assert "says &lt;b&gt;" in SHEET._repr_html_()
    assert "<b>" not in SHEET._repr_html_()


def test_a_sheet_is_drawn_without_touching_pyplot():
    before = plt.get_fignums()
    figure = SHEET.figure()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["noun", "diversity"]
    assert plt.get_fignums() == before


def test_a_sheet_comes_back_from_json():
    assert ScoreSheet.from_json(SHEET.to_json()) == SHEET
    with pytest.raises(ValueError, match="no score sheet"):
        ScoreSheet.from_json('{"model": 1}')


def test_rows_are_found_by_name():
    assert SHEET["noun"].score == 0.5
    with pytest.raises(KeyError, match="expected one of noun, diversity"):
        SHEET["nouns"]


class Painter:
    """An engine of another world: it paints the noise's mean as grey, whatever it is asked."""

    id, revision, sampler = "me/grey", "0", "ddim"

    def __init__(self):
        from guidewidgets.engine.model.defaults import Vocabulary

        self.vocabulary = Vocabulary()
        self.asked = []

    def noise(self, n, seed):
        return torch.stack([torch.full((1, 2, 2), float(i + seed)) for i in range(n)])

    def render(self, x, prompt, steps, guidance):
        self.asked.append((prompt, len(x), steps, guidance))
        return (x.mean((1, 2, 3)) / 10).reshape(-1, 1, 1, 1).expand(-1, 3, 8, 8)


def test_another_engine_needs_its_own_questions_and_marks():
    with pytest.raises(ValueError, match=r"me/grey is not a model of the emoji world: give asks="):
        score_sheet(Painter())


def test_the_same_call_scores_any_engine():
    engine = Painter()
    asks = [Ask("dark", "light"), Ask("bright", "light"), Ask("a fox", "noun", ("fox",))]

    def scorer(images, ask):
        bright = images.mean((1, 2, 3)) > 0.15
        return (bright if ask.prompt == "bright" else ~bright).tolist()

    told = []
    sheet = score_sheet(
        engine,
        asks,
        scorer,
        seeds=4,
        noun_seeds=2,
        steps=3,
        guidance=2.0,
        on_progress=lambda *p: told.append(p),
    )
    # Greys are 0, 0.1, 0.2, 0.3: half of each pair of prompts is right.
    assert (sheet["light"].score, sheet["light"].images) == (0.5, 8)
    assert (sheet["noun"].score, sheet.nouns) == (1.0, {"fox": 1.0})
    assert engine.asked == [("dark", 4, 3, 2.0), ("bright", 4, 3, 2.0), ("a fox", 2, 3, 2.0)]
    assert told[-1] == (10, 10)
    assert "me/grey#0, 3 steps, guidance 2" in str(sheet)


def test_no_questions_are_refused():
    with pytest.raises(ValueError, match="asks: expected at least one"):
        score_sheet(Painter(), [], lambda *_: [])


def test_diversity_is_relative_to_true_renders_where_they_are_known():
    class Eye:
        def images(self, images):
            turn = images.mean((1, 2, 3))
            return torch.stack([turn.cos(), turn.sin()], 1)

        def texts(self, texts):
            return torch.tensor([[1.0, 0.0]] * len(texts))

    asks = [Ask("a fox", "noun", ("fox",))]
    bare = score_sheet(Painter(), asks, lambda images, _: [1.0] * len(images), Eye(), noun_seeds=3)
    known = score_sheet(
        Painter(), asks, lambda images, _: [1.0] * len(images), Eye(), noun_seeds=3, truth=Truth({}, 0.1)
    )
    # Chords between angles 0, 0.1, 0.2 are 2 sin(d / 2).
    chord = np.mean([2 * np.sin(d / 2) for d in (0.1, 0.1, 0.2)])
    assert bare["diversity"].score == pytest.approx(chord, rel=1e-5)
    assert bare["diversity"].ceiling is None
    assert known["diversity"].score == pytest.approx(chord / 0.1, rel=1e-5)
    assert known["judge"].score == pytest.approx(np.mean(np.cos([0, 0.1, 0.2])), rel=1e-5)


def test_the_embedded_model_is_scored_without_being_told_how(monkeypatch):
    import guidewidgets as gw
    from guidewidgets.evaluate import scores

    some = emoji_asks(VOCABULARY, count=1, nouns=["cat", "fox"])
    monkeypatch.setattr(scores, "emoji_asks", lambda _: some)
    sheet = gw.evaluate.score_sheet(gw.Engine.load(), steps=2, seeds=1, noun_seeds=2)
    assert [row.category for row in sheet.rows] == [
        *("noun", "colour", "pair", "relation", "style", "place", "atoms", "all atoms", "diversity", "judge")
    ]
    assert all(row.low <= row.score <= row.high for row in sheet.rows)
    assert all(0 <= row.score <= 1 for row in sheet.rows if row.category != "diversity")
    # True renders were measured before there were atoms.
    assert [row.category for row in sheet.rows if row.ceiling is None] == ["atoms", "all atoms"]
    assert sheet["noun"].images == 4
