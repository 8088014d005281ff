"""What the studies of optimisation rest on: their diary and their intervals."""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter

import numpy as np
import pytest
import torch

from benchmarks import gradient_study, repair_report, repair_study, reward_study
from benchmarks.doodl_study import UNTOUCHED, Maker, turns
from benchmarks.guided import Diary, Task, TimeUpError, done, paired, share, study, table
from benchmarks.guided_scores import best_of, odds, two_nouns
from benchmarks.pair_study import told_apart
from guidewidgets.guide.optimisation import Record, Step


def test_paired_differences():
    rng = np.random.default_rng(1)
    blocks = np.repeat(np.arange(60), 4)
    theirs = rng.normal(size=240)
    found = paired((theirs + 0.3 + 0.1 * rng.normal(size=240)).tolist(), theirs.tolist(), blocks.tolist())
    assert found["n"] == 240
    assert abs(found["mean"] - 0.3) < 0.03
    low, high = found["interval"]
    assert low < found["mean"] < high
    assert 0.01 < high - low < 0.06
    assert found["wins"] > 0.95
    # Nothing differs: that has no width, which is not to say that it is certain.
    nothing = paired(theirs.tolist(), theirs.tolist(), blocks.tolist())
    assert (nothing["mean"], nothing["interval"], nothing["wins"]) == (0, None, 0.5)


def test_intervals_know_that_seeds_of_one_prompt_are_no_independent_prompts():
    rng = np.random.default_rng(2)
    by_prompt = np.repeat(rng.normal(size=30), 8)
    blocks = np.repeat(np.arange(30), 8).tolist()
    zeros = np.zeros(240).tolist()
    wide = paired(by_prompt.tolist(), zeros, blocks)["interval"]
    narrow = paired(by_prompt.tolist(), zeros, list(range(240)))["interval"]
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_a_diary_goes_on_where_it_was(tmp_path):
    path, made = tmp_path / "study.jsonl", []

    def make():
        made.append(1)
        return {"score": [0.123456789]}

    one = Diary(path, {"steps": 3}, fresh=False)
    assert one.get("a", make) == one.get("a", make) == {"score": [0.123457]}
    again = Diary(path, {"steps": 3}, fresh=False)
    assert again.get("a", make) == {"score": [0.123457]}
    assert len(made) == 1
    assert again.spent == one.spent
    assert json.loads(path.read_text().splitlines()[0]) == {"steps": 3}
    other = Diary(path, {"steps": 4}, fresh=False)  # other settings are another study
    other.get("a", make)
    Diary(path, {"steps": 4}, fresh=True).get("a", make)
    assert len(made) == 3


def test_when_the_minutes_are_over_what_is_there_is_still_told(tmp_path):
    path = tmp_path / "study.jsonl"
    Diary(path, {}, fresh=False).get("a", lambda: {"score": [1.0]})
    late = Diary(path, {}, fresh=False, minutes=0)
    assert late.get("a", dict) == {"score": [1.0]}
    with pytest.raises(TimeUpError):
        late.get("b", dict)


def test_a_table_of_whole_prompts():
    done = [{"ours": {"s": [0.5 + i, 0.7]}, "plain": {"s": [0.4 + i, 0.7]}} for i in range(5)]
    told = table(done, "ours")
    assert told["prompts"] == 5
    assert told["s"]["ours - plain"] | {"interval": None} == {
        "n": 10, "blocks": 5, "mean": 0.05, "interval": None, "wins": 0.75,
    }  # fmt: skip
    assert table([], "ours") == {"prompts": 0}


class StillEngine:
    """Gives noise; nothing is rendered before a task is worked on."""

    def noise(self, count, seed):
        return torch.full((count, 4, 2, 2), float(seed))


def test_any_beginning_of_the_work_is_balanced():
    order = turns(Maker(StillEngine(), 4, 10, 5), 60)
    assert len({(task.part, task.name) for task in order}) == len(order)
    counts = Counter(task.part for task in order)
    assert counts == {"expand": 17, "personal": 60, "appeal": 60}
    for end in range(4, len(order)):
        counts = Counter(task.part for task in order[:end])
        assert abs(counts["personal"] - counts["appeal"]) <= 1
        assert abs(counts["personal"] - counts["expand"]) <= 1 or counts["expand"] == 17
    first = [task.name for task in order if task.part == "expand"][:12]
    assert all(name.startswith(UNTOUCHED) for name in first)


def tasks_of(count, made):
    def way(name, i):
        def make():
            made.append((name, i))
            return torch.tensor([float(i)])

        return make

    return [
        Task("part", f"task {i}", {w: way(w, i) for w in ("plain", "ours")}, lambda x: {"s": x.tolist()})
        for i in range(count)
    ]


def told(folder, **changes):
    usual = {"share": (1, 1), "out": folder, "fresh": False, "minutes": 60.0}
    return argparse.Namespace(**(usual | changes))


def test_processes_share_the_work_and_the_last_one_tells_all(tmp_path):
    made = []
    tasks = tasks_of(5, made)
    first = study("s", told(tmp_path, share=(1, 2)), {"steps": 3}, tasks)
    assert list(done(first, tasks, "part")) == ["task 0", "task 2", "task 4"]
    last = study("s", told(tmp_path, share=(2, 2)), {"steps": 3}, tasks)
    assert len(made) == len(set(made)) == 10
    assert list(done(last, tasks, "part")) == [f"task {i}" for i in range(5)]
    assert done(last, tasks, "part")["task 3"] == {"plain": {"s": [3.0]}, "ours": {"s": [3.0]}}
    assert done(last, tasks, "another") == {}
    other = study("s", told(tmp_path, minutes=0), {"steps": 4}, tasks)  # other settings are another study
    assert done(other, tasks, "part") == {}
    again = study("s", told(tmp_path, minutes=0), {"steps": 3}, tasks)  # only tells
    assert len(done(again, tasks, "part")) == 5
    assert len(made) == 10
    assert (share("2/3"), again.spent) == ((2, 3), last.spent)
    with pytest.raises(ValueError, match="expected 1 ≤ K ≤ N"):
        share("3/2")


def test_a_task_half_done_is_not_told(tmp_path):
    made = []
    tasks = tasks_of(2, made)
    diary = Diary(tmp_path / "s.jsonl", {}, fresh=False)
    diary.get(tasks[0].key("plain"), lambda: {"s": [1.0]})
    assert done(diary, tasks, "part") == {}


def test_tuning_and_testing_ask_for_other_pairs():
    tested, tuned = two_nouns(0, 60), two_nouns(160, 12)
    assert (len(tested), len(tuned)) == (60, 12)
    assert not {(a, b) for _, a, b in tested} & {(a, b) for _, a, b in tuned}
    for prompt, a, b in tested:
        assert f" {a} and a" in prompt
        assert f" {b} " in prompt
    assert two_nouns(7, 1) == tested[7:8]


def test_the_study_of_gradients_asks_for_pairs_of_its_own():
    ours = {(a, b) for _, a, b in two_nouns(gradient_study.FIRST, 30)}
    assert len(ours) == 30
    for first, count in ((0, 60), (repair_study.FIRST, 40), (160, 12)):
        assert not ours & {(a, b) for _, a, b in two_nouns(first, count)}
    order = gradient_study.turns(30, lambda i: gradient_study.Pair(StillEngine(), i, 4, 4, 5))
    for end in range(2, len(order) + 1):
        parts = Counter(task.part for task in order[:end])
        assert abs(parts["many updates"] - 0.4 * parts["one walk"]) <= 1


def test_the_study_of_rewards_asks_for_pairs_of_its_own_and_orders_pictures():
    ours = {(a, b) for _, a, b in two_nouns(reward_study.FIRST, 8)}
    assert not ours & {(a, b) for _, a, b in two_nouns(0, 172)}  # of all others, and of tuning
    assert reward_study.auc([2.0, 3.0], [1.0, 2.0]) == 0.875  # one tie in four pairs


def test_log_odds_are_bounded():
    assert odds(0.5) == 0
    assert (odds(1.0), odds(0.0)) == pytest.approx((math.log(999), -math.log(999)))
    assert odds(0.99) > odds(0.9)


def test_the_salient_noun_is_the_plain_pictures():
    plain = {"judge": [0.0, 0.0], "first": [0.9, 0.1], "second": [0.2, 0.3]}
    ours = {"judge": [1.0, 1.0], "first": [0.5, 0.6], "second": [0.7, 0.8]}
    told = told_apart({"plain": plain, "ours": ours})["ours"]
    assert told.pop("salient_odds") == [odds(0.5), odds(0.8)]
    assert told.pop("found") == pytest.approx([0.6, 0.7])
    assert told == {"judge": [1, 1], "salient": [0.5, 0.8], "other": [0.7, 0.6], "both_seen": [0, 1]}


def test_the_best_step_of_each_image_by_what_all_ways_share():
    """The salient term is no part of it, and each image has its own best."""

    class Losses:
        def total(self, terms):
            return sum(terms.values())

    class Run:
        def __init__(self):
            self.records, self.losses = [], Losses()

        def __iter__(self):
            for k, whole in enumerate(([3.0, 1.0], [2.0, 5.0], [9.0, 9.0])):
                terms = {"whole": torch.tensor(whole), "salient": torch.tensor([-100.0 * k, 0.0])}
                self.records.append(Record(k, torch.zeros(0), terms))
                yield Step(k, 0.0, {}, torch.zeros(0), torch.full((2, 3, 1, 1), float(k)))

    assert best_of(Run())[:, 0, 0, 0].tolist() == [1.0, 0.0]


def test_what_repair_did_is_counted_apart_from_what_it_mended():
    # As it was and wrong; made anew and mended; right, made anew and broken; right and as it was.
    plain = {"first": [0.9, 0.9, 0.9, 0.8], "second": [0.1, 0.2, 0.9, 0.8]}
    repair = {"first": [0.9, 0.8, 0.9, 0.8], "second": [0.10002, 0.9, 0.3, 0.8]}
    unit = {"plain": plain, "repair": repair}
    lacking, right = (
        list(repair_report.fates([unit, unit], lacking=some).values()) for some in (True, False)
    )
    assert (lacking, right) == ([4, 2, 2, 0], [4, 2, 2, 2])
