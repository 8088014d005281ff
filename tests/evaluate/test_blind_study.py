"""A blind study: its plan and its pictures."""

from __future__ import annotations

import copy
import json
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from blind import QUESTION, picture, some_pairs
from PIL import Image

from guidewidgets.evaluate import Study

# The plan


def test_the_plan_is_fixed_by_its_seed_and_its_hash_holds_all_of_it():
    pairs = some_pairs(30)
    plan = Study(pairs, QUESTION, 30, seed=5).plan
    assert plan == Study(pairs, QUESTION, n=30, seed=5).plan
    assert len(plan["hash"]) == 64
    others = [
        Study(pairs, QUESTION, 30, seed=6),
        Study(pairs, QUESTION + "?", 30, seed=5),
        Study(pairs, QUESTION, 29, seed=5),
        Study([*pairs[:-1], pairs[0]], QUESTION, 30, seed=5),
        Study([(a, b, p + "!") for a, b, p in pairs], QUESTION, 30, seed=5),
    ]
    assert len({plan["hash"], *(study.plan["hash"] for study in others)}) == 6
    assert json.loads(json.dumps(plan)) == plan
    # Written down, so that a study saved today goes on in later versions.
    gray = [(np.full((4, 4), 0.2), np.full((4, 4), 0.6), "a")]
    found = Study(gray, "Which?", 3, seed=1).plan["hash"][:12]
    assert found == "b4ad1ce1240a"


@pytest.mark.parametrize(
    ("count", "of_each", "n"), [(194, 1, 194), (40, 4, 194), (30, 3, 47), (7, 7, 20), (1, 1, 1)]
)
def test_sides_are_balanced_within_prompts_and_prompts_come_equally_often(count, of_each, n):
    plan = Study(some_pairs(count, of_each), QUESTION, n, seed=2).plan
    votes = [t for t in plan["trials"] if t["kind"] == "vote"]
    assert len(votes) == n
    sides = defaultdict(Counter)
    for trial in votes:
        sides[plan["pairs"][trial["pair"]]["prompt"]][trial["left"]] += 1
    assert all(abs(c["first"] - c["second"]) <= 1 for c in sides.values())
    assert abs(sum(c["first"] - c["second"] for c in sides.values())) <= 1
    shown = Counter(t["pair"] for t in votes)
    assert max(shown.values()) == -(-n // count)
    totals = [c.total() for c in sides.values()]
    assert len(totals) == min(n, -(-count // of_each))
    assert max(totals) - min(totals) <= of_each


def test_a_tenth_is_repeated_with_sides_changed_and_a_twentieth_are_catch_pairs():
    plan = Study(some_pairs(194), QUESTION).plan
    assert (plan["n"], plan["seed"]) == (194, 0)
    kinds = Counter(t["kind"] for t in plan["trials"])
    assert kinds == {"vote": 194, "repeat": 19, "catch": 10}
    at = {t["pair"]: (i, t["left"]) for i, t in enumerate(plan["trials"]) if t["kind"] == "vote"}
    repeats = [(i, t) for i, t in enumerate(plan["trials"]) if t["kind"] == "repeat"]
    for i, trial in repeats:
        before, left = at[trial["pair"]]
        assert i - before >= 97
        assert trial["left"] != left
    assert 3 <= Counter(t["left"] for t in plan["trials"] if t["kind"] == "catch")["first"] <= 7
    assert plan["trials"][0]["kind"] == "vote"


# Pictures


def test_what_is_shown_is_what_was_given_at_one_size_without_metadata():
    first, second = picture(200), picture(60, 1, size=(48, 32))
    first.info["prompt"] = "a secret"
    study = Study([(first, second, "a fox")], QUESTION, 4)
    for number in range(study.trials):
        shown, trial = study.on_show(number), study.plan["trials"][number]
        sides = dict(zip(("left", "right"), (shown.left, shown.right), strict=True))
        assert {side.size for side in sides.values()} == {(24, 16)}
        assert all(not side.info for side in sides.values())
        mine = sides["left" if trial["left"] == "first" else "right"]
        assert np.array_equal(mine, first)
        other = sides["right" if trial["left"] == "first" else "left"]
        expected = first if trial["kind"] == "catch" else second.resize((24, 16), Image.Resampling.LANCZOS)
        assert np.array_equal(other, expected) == (trial["kind"] != "catch")
        assert shown.prompt == "a fox"


def test_pictures_of_all_kinds_are_the_same_and_stay_as_they_are():
    pil = picture(200)
    bytes_ = np.array(pil)
    floats = bytes_.astype(np.float32) / 255
    lent = [pil, bytes_, floats, torch.from_numpy(floats), torch.from_numpy(floats).permute(2, 0, 1)[None]]
    kept = copy.deepcopy(lent)
    hashes = {Study([(one, picture(0), "a")], QUESTION, 2).plan["hash"] for one in lent}
    assert len(hashes) == 1
    assert all(np.array_equal(one, before) for one, before in zip(lent, kept, strict=True))
    gray = torch.rand(8, 8)
    assert Study([(gray, gray, "a")], QUESTION, 1).on_show().left.size == (8, 8)


def test_a_picture_that_was_changed_is_told():
    pixels = np.array(picture(200))
    study = Study([(pixels, picture(60), "a")], QUESTION, 3)
    pixels[0, 0] += 1
    with pytest.raises(
        RuntimeError, match=r"the first picture of pairs\[0\] was changed since the plan was fixed"
    ):
        study.on_show()


@pytest.mark.parametrize("colour", ["white", "black", "gray"])
def test_a_spoiled_copy_looks_spoiled_even_where_the_picture_is_plain(colour):
    plain = Image.new("RGB", (24, 16), colour)
    study = Study([(plain, plain, "a")], QUESTION, 1)
    number = next(i for i, t in enumerate(study.plan["trials"]) if t["kind"] == "catch")
    study.vote("left")
    shown = study.on_show(number)
    off = [np.abs(np.asarray(side, float) - np.asarray(plain)).mean() for side in (shown.left, shown.right)]
    assert min(off) == 0
    assert max(off) > 30


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"pairs": []}, ValueError, "pairs is empty"),
        ({"pairs": [(1, 2)]}, ValueError, r"pairs\[0\]=\(1, 2\): expected \(first, second, prompt\)"),
        ({"pairs": ["abc"]}, ValueError, r"pairs\[0\]='abc'"),
        ({"pairs": [(picture(0), 3, "a")]}, TypeError, r"pairs\[0\], second: int: expected"),
        ({"pairs": [(picture(0), torch.full((3, 4, 4), 2.0), "a")]}, ValueError, r"second: .*in \[0, 1\]"),
        ({"pairs": [(picture(0), picture(0, size=(16, 16)), "a")]}, ValueError, "24 × 16 and 16 × 16 pixels"),
        ({"pairs": [(picture(0), picture(0), "a" * 10_001)]}, ValueError, "10,001 characters"),
        ({"question": " "}, ValueError, "question is empty"),
        ({"question": 3}, TypeError, "question=3: expected text"),
        ({"n": 0}, ValueError, "n=0: expected at least 1"),
        ({"n": 2.5}, TypeError, "n=2.5: expected a whole number"),
        ({"seed": -1}, ValueError, "seed=-1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(change, error, words):
    given = {"pairs": some_pairs(2), "question": QUESTION, "n": 2} | change
    with pytest.raises(error, match=words) as told:
        Study(**given)
    assert "\n" not in str(told.value)
