"""A blind study: its plan, its votes, what it finds and what it refuses to find, and its files."""

from __future__ import annotations

import copy
import csv
import json
import threading
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from PIL import Image

import guidewidgets as gw
from guidewidgets.evaluate import Study

QUESTION = "Which one is redder?"


def picture(red, seed=0, size=(24, 16)):
    """Noise with a share of red that one sees at once, and that no other picture has."""
    pixels = np.random.default_rng(seed).integers(0, 40, (size[1], size[0], 3), dtype=np.uint8)
    pixels[..., 0] += np.uint8(red)
    return Image.fromarray(pixels)


def some_pairs(count=60, of_each=1, redder="first"):
    """Pairs of which one is redder."""
    reds = (200, 60) if redder == "first" else (60, 200)
    return [
        (picture(reds[0], 2 * i), picture(reds[1], 2 * i + 1), f"a fox {i // of_each}") for i in range(count)
    ]


def look(study):
    """Vote as somebody who sees red and doesn't mistake noise for it."""
    shown = study.on_show()
    reds = [np.asarray(side, float) for side in (shown.left, shown.right)]
    reds = [float((side[..., 0] - side[..., 2]).mean()) for side in reds]
    study.vote("left" if reds[0] > reds[1] else "right")


def voted(study, how=look):
    while study.remaining:
        how(study)
    return study


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


# Votes


def test_votes_are_cast_in_turn_and_the_last_is_taken_back_once():
    study = Study(some_pairs(8), QUESTION, 8)
    assert study.remaining == study.trials == 10
    with pytest.raises(ValueError, match="there is no vote to take back"):
        study.back()
    study.vote("left", 1.5)
    study.vote("tie")
    study.back()
    assert study.remaining == 9
    with pytest.raises(ValueError, match="one vote can be taken back, and it was"):
        study.back()
    with pytest.raises(ValueError, match="choice='up': expected 'left', 'right' or 'tie'"):
        study.vote("up")
    with pytest.raises(ValueError, match="pair 1 is not on show"):
        study.vote("left", trial=0)
    with pytest.raises(ValueError, match="seconds=-1"):
        study.vote("left", -1)
    study.vote("right", trial=1)
    saved = json.loads(study.to_json())["votes"]
    assert [(v["trial"], v["choice"], v["seconds"], v["withdrawn"]) for v in saved] == [
        (0, "left", 1.5, False),
        (1, "tie", None, True),
        (1, "right", None, False),
    ]
    assert repr(study) == f"Study('{QUESTION}', 2 of 10 choices made, plan {study.plan['hash'][:12]})"


def test_no_result_before_the_planned_end_and_no_vote_after_a_look_at_it():
    study = Study(some_pairs(8), QUESTION, 8)
    while study.remaining:
        with pytest.raises(ValueError, match=f"{study.remaining} of 10 votes are missing"):
            study.result()
        look(study)
    with pytest.raises(ValueError, match="all votes are cast"):
        study.vote("left")
    with pytest.raises(ValueError, match="all votes are cast"):
        study.on_show()
    study.back()
    look(study)
    assert study.result() is study.result()
    for act in (study.back, lambda: study.vote("left")):
        with pytest.raises(ValueError, match="the result was looked at: the votes are final"):
            act()


def test_votes_at_once_are_each_counted_once():
    study = Study(some_pairs(40), QUESTION, 40)
    refused = []

    def hurry(trial):
        try:
            study.vote("left", trial=trial)
        except ValueError:
            refused.append(trial)

    for trial in range(study.trials):
        threads = [threading.Thread(target=hurry, args=(trial,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert study.remaining == 0
    assert len(refused) == 3 * study.trials


# Results


def test_whoever_looks_is_believed():
    result = voted(Study(some_pairs(60), QUESTION, 60)).result()
    assert (result.share, result.n, result.ties, result.prompts) == (1.0, 60, 0, 60)
    assert 0.9 < result.low < result.high <= 1  # Wilson: all alike, and still a width
    assert result.concluded
    assert (result.agreement, result.missed, result.catches) == (1.0, 0, 3)
    assert abs(result.side_bias) < 0.01
    assert result.p < 1e-15
    assert str(result) == "100 % [94, 100] of 60: the first is better."
    other = voted(Study(some_pairs(60, redder="second"), QUESTION, 60)).result()
    assert (other.share, other.concluded) == (0.0, True)
    assert str(other) == "0 % [0, 6] of 60: the second is better."


def test_whoever_presses_left_is_told():
    result = voted(Study(some_pairs(194), QUESTION), lambda s: s.vote("left")).result()
    assert result.share == 0.5
    assert (result.side_bias, result.agreement, result.missed) == (0.5, 0.0, 5)
    assert not result.concluded
    assert "not concluded, 5 of 10 catch pairs were missed" in result.sentence


def test_ties_are_split_and_counted():
    study = Study(some_pairs(60), QUESTION, 60)

    def how(study):
        trial = study.plan["trials"][60 + 9 - study.remaining]
        study.vote("tie") if trial["kind"] == "vote" and trial["pair"] % 2 else look(study)

    result = voted(study, how).result()
    assert (result.ties, result.share) == (30, 0.75)


def test_one_slip_on_a_catch_pair_is_told_and_forgiven():
    study = Study(some_pairs(194), QUESTION)
    catches = [i for i, t in enumerate(study.plan["trials"]) if t["kind"] == "catch"]

    def how(study):
        study.vote("tie") if study.trials - study.remaining == catches[0] else look(study)

    result = voted(study, how).result()
    assert result.concluded
    assert str(result) == "100 % [98, 100] of 194: the first is better (1 of 10 catch pairs missed)."


@pytest.mark.parametrize("n", [1, 2, 10, 46])
def test_few_votes_conclude_nothing(n):
    result = voted(Study(some_pairs(60), QUESTION, n)).result()
    assert not result.concluded
    assert result.share == 1
    assert result.low < result.high
    assert "not concluded" in str(result)
    assert f"{n} votes are too few" in str(result)


def test_few_prompts_conclude_nothing_and_eight_do():
    seven = voted(Study(some_pairs(60, of_each=9), QUESTION, 60)).result()
    assert (seven.prompts, seven.concluded) == (7, False)
    assert "votes on 7 prompts (8 are needed to speak of others)" in str(seven)
    one = voted(Study(some_pairs(60, of_each=60), QUESTION, 60)).result()
    assert "votes on 1 prompt (" in str(one)
    assert voted(Study(some_pairs(64, of_each=8), QUESTION, 64)).result().concluded


def test_choices_are_what_was_given_and_teach_a_taste(engine):
    session = gw.Session("a fox", model=engine, seed=0)
    session.set(steps=2)
    made = list(session.sample(8).wait(60))
    pairs = list(zip(made[:4], made[4:], ["a fox"] * 4, strict=True))
    study = Study(pairs, QUESTION, 4)
    with pytest.raises(ValueError, match="votes are missing"):
        study.choices()
    choices = voted(study).choices()
    assert {frozenset((a.id, b.id)) for a, b in choices} == {frozenset((a.id, b.id)) for a, b, _ in pairs}
    for better, worse in choices:
        session.prefer(better.id, over=worse.id)
    assert session.opinion().comparisons == 4


# Files


def test_a_study_saved_half_way_goes_on(tmp_path):
    pairs = some_pairs(50)
    study = Study(pairs, QUESTION, 50, seed=9)
    for _ in range(20):
        look(study)
    study.vote("tie", 2.0)
    study.back()
    study.save(tmp_path / "votes.json")
    again = Study.load(tmp_path / "votes.json", pairs)
    assert again.remaining == study.remaining == 37
    assert again.to_json() == study.to_json()
    assert not again.can_go_back
    assert voted(again).result() == voted(study).result()
    again.save(tmp_path / "votes.json")
    assert Study.load(tmp_path / "votes.json", pairs).result() == again.result()
    assert [path.name for path in tmp_path.iterdir()] == ["votes.json"]


def test_the_table_of_votes(tmp_path):
    pairs = [(a, b, "=1+1" if i else "a fox") for i, (a, b, _) in enumerate(some_pairs(10))]
    study = voted(Study(pairs, QUESTION, 10))
    study.save(str(tmp_path / "votes.csv"))
    with (tmp_path / "votes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == study.trials == 12
    trials = study.plan["trials"]
    assert [(int(r["pair"]), r["kind"], r["left"]) for r in rows] == [
        (t["pair"], t["kind"], t["left"]) for t in trials
    ]
    assert all(row["preferred"] == "first" for row in rows)
    assert all((row["choice"] == "left") == (row["left"] == "first") for row in rows)
    assert {row["prompt"] for row in rows} == {"a fox", "'=1+1"}
    assert {row["plan"] for row in rows} == {study.plan["hash"]}
    with pytest.raises(ValueError, match=r"votes.txt: expected a name that ends in .json or .csv"):
        study.save(tmp_path / "votes.txt")
    with pytest.raises(OSError, match="No such file"):
        study.save(tmp_path / "nowhere" / "votes.csv")


def test_files_that_are_no_studies_or_of_other_pictures(tmp_path):
    pairs = some_pairs(10)
    study = Study(pairs, QUESTION, 10)
    look(study)
    path = tmp_path / "votes.json"
    study.save(path)
    whole = json.loads(path.read_text())

    def refused(change, words, given=pairs):
        path.write_text(json.dumps(change) if isinstance(change, dict) else change)
        with pytest.raises(gw.SessionFileError, match=words) as told:
            Study.load(path, given)
        assert "\n" not in str(told.value)

    refused(whole, "another plan", pairs[::-1])
    refused(whole, "another plan", some_pairs(10, redder="second"))
    refused("[]", "no JSON object")
    refused("{", "is no JSON")
    refused({}, "is no study")
    refused(whole | {"plan": 3}, "plan is 3")
    refused(whole | {"plan": whole["plan"] | {"seed": 1}}, "another plan")
    refused(whole | {"plan": whole["plan"] | {"n": "x"}}, "n='x': expected a whole number")
    refused(whole | {"votes": 3}, "votes is 3")
    refused(whole | {"votes": [3]}, "a vote is no JSON object")
    vote = whole["votes"][0]
    for change, words in (
        ({"trial": 1}, "pair 2 is not on show"),
        ({"choice": "up"}, "choice is 'up'"),
        ({"seconds": -1}, "seconds is out of range"),
        ({"withdrawn": 1}, "withdrawn is 1"),
    ):
        refused(whole | {"votes": [vote | change]}, words)
    refused(whole | {"votes": [vote | {"trial": i} for i in range(20)]}, "all votes are cast|not on show")
    path.unlink()
    with pytest.raises(gw.SessionFileError, match="No such file"):
        Study.load(path, pairs)
