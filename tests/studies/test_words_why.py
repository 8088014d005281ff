"""Why learned words fail: the lists, the loss that is told, and how names are counted and compared."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from benchmarks.words_blind import counted, laid_out
from benchmarks.words_study import GROUNDS
from benchmarks.words_study_2 import new_nouns
from benchmarks.words_why import ARMS, LONGER, NOUNS, apart, compared, explained, nouns, work
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import Ask
from guidewidgets.guide.textual_inversion import encoded
from guidewidgets.vision import embedded
from training.true_renders import paint_ask


def test_any_beginning_of_the_work_is_balanced():
    known, held_out = nouns()
    assert len(set(known)) == len(set(held_out)) == NOUNS
    assert not set(known) & set(held_out)
    assert set(held_out[::2]) < set(embedded.classifier().held_out)
    assert set(held_out[1::2]) < set(new_nouns())
    assert len(set(work())) == len(work()) == 3 * NOUNS + LONGER
    for end in range(3, 3 * NOUNS, 3):
        assert [arm for arm, _ in work()[:end]] == list(ARMS[:3]) * (end // 3)


def test_the_name_explains_a_render_better_than_another_and_than_nothing():
    engine = Engine.load()
    z = encoded(engine, paint_ask(Ask("a blue background", "noun", ("fox",), ground=GROUNDS[0]), 2))
    right, wrong, nothing = (explained(engine, z, text) for text in ("a fox", "a castle", ""))
    assert nothing == pytest.approx(0, abs=1e-5)
    assert right > 0.02
    assert wrong < right / 2


def test_names_are_counted_by_the_key_whatever_the_order(tmp_path):
    picture = Image.new("RGB", (64, 64))
    shown = [(arm, noun, picture) for arm in ("name", "long") for noun in ("fox", "palm") for _ in range(2)]
    laid_out(shown, tmp_path, 5)
    key = json.loads((tmp_path / "key.json").read_text())
    assert sorted(map(tuple, key)) == sorted((arm, noun) for arm, noun, _ in shown)
    said = {"fox": "fox", "palm": "palm tree"}
    names = [said[noun] if arm == "name" else "?" for arm, noun in key]
    (tmp_path / "names.txt").write_text("\n".join(names))
    assert counted(tmp_path)[0] == {
        arm: {n: [mark] * 2 for n in said} for arm, mark in (("name", 1), ("long", 0))
    }
    (tmp_path / "names.txt").write_text("fox")
    with pytest.raises(ValueError, match="1 names of 8 pictures"):
        counted(tmp_path)


def test_nouns_of_two_arms_are_compared_one_by_one_where_they_are_the_same():
    rows = {"name": [1.0, 1.0, 1.0], "learned": [0.5, 0.75, 1.0], "held-out": [0.0, 0.25, 0.0], "long": [0.5]}
    by = {arm: {str(i): {"eyes": v} for i, v in enumerate(some)} for arm, some in rows.items()}
    told = compared(by)
    assert told["learned - name"]["eyes"]["mean"] == -0.25
    assert told["long - held-out"]["eyes"]["mean"] == 0.5  # of the noun that has both
    assert told["learned - held-out"]["eyes"] == apart(rows["learned"], rows["held-out"])
    low, high = apart(rows["learned"], rows["held-out"])["interval"]
    assert 0.3 < low < 0.667 < high < 1.0
    assert told["learned"]["eyes"]["mean"] == 0.75
