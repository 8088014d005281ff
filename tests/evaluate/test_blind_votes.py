"""A blind study's votes, what it finds in them and what it refuses to find."""

from __future__ import annotations

import json
import threading

import pytest
from blind import QUESTION, look, some_pairs, voted

import guidewidgets as gw
from guidewidgets.evaluate import Study

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
