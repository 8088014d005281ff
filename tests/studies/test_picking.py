"""What the study of picking rests on: which prompts it asks, its arithmetic, and what a picked picture costs."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from benchmarks import pick_study, pick_whole
from benchmarks.pick_cost import counted, sketched
from benchmarks.pick_measure import BUDGET, OF, TRIALS
from benchmarks.pick_prompts import dealt, in_turn, named, pairs, triples
from benchmarks.pick_reliability import area, fitted, reliability, sure
from benchmarks.pick_report import PICKED, Pool, costs, table
from guidewidgets.evaluate.composition import Trial
from guidewidgets.prompt import Prompt
from guidewidgets.session import Session
from training.world.nouns import kept_apart

PLAN = Path(pick_study.__file__).with_name("pick_plan.md")
SECONDS = 60


def test_no_noun_that_settings_were_chosen_on_is_asked_about():
    tuned, asked = dealt()
    assert not set(tuned) & set(asked)
    two, three = pairs(asked, pick_study.PAIRS), triples(asked, pick_study.TRIPLES)
    assert (len(two), len(three)) == (100, 40)
    for trial in (*two, *three):
        assert set(trial.wanted) <= set(asked)
        assert any(kept_apart(*both) for both in itertools.combinations(trial.wanted, 2))
    assert len({frozenset(trial.wanted) for trial in (*two, *three)}) == 140
    assert f"`{named(in_turn(two, three))}`" in PLAN.read_text(encoding="utf-8")


def test_any_beginning_has_its_share_of_pairs_and_triples():
    order = in_turn([Trial((str(i),)) for i in range(50)], [Trial((str(i),)) for i in range(100, 120)])
    for end in range(1, len(order) + 1):
        few = sum(int(trial.wanted[0]) >= 100 for trial in order[:end])
        assert abs(few - end * 20 / 70) <= 1


def scores(right, sketch, finished, guide):
    """Of a prompt of one noun."""
    return {
        "seen": [0.9 if one else 0.1 for one in right],
        "sketch": sketch,
        "sketch, as asked": guide,
        "finished": finished,
        "guide": guide,
    }


def test_who_picks_what():
    count = TRIALS * OF
    right = [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    rising, falling = list(range(count)), list(range(count, 0, -1))
    pool = Pool(scores(right, rising, falling, rising))
    ways = pool.ways()
    assert list(ways.values()) == [
        pytest.approx([1 / 3, 1 / 3, 0, 1 / 3]),
        [0, 0, 0, 1],  # the last of each three
        [0, 0, 0, 1],
        [1, 0, 0, 0],  # the first of each two
        [1, 0, 0, 0],  # the first of each three
        [0, 0, 0, 1],
        [1, 1, 0, 1],
    ]
    assert pool.misses().tolist() == [
        [False, False, True, False],  # the finished ones would have told
        [False, False, False, True],
        [False, True, False, False],
        [True, False, False, False],
    ]
    told = table(
        [(Trial(("fox",)), {"parts": {"pool": scores(right, rising, falling, rising)}})] * 3, "parts"
    )
    assert told["what was picked, percent"] == dict.fromkeys(told["what was picked, percent"], 25.0)
    assert told["picked of so many, percent"]["3"] == [25.0, 75.0]
    assert told["picked of so many, percent"]["12"] == [100.0, 100.0]


def test_lift_as_a_chance():
    rng = np.random.default_rng(0)
    lift = rng.normal(size=20_000)
    prompts = np.repeat(np.arange(200), 100)
    there = rng.random(len(lift)) < sure(lift, (0.5, 2.0))
    assert fitted(lift, there) == pytest.approx((0.5, 2.0), abs=0.08)
    honest = reliability(lift, there, prompts, (0.5, 2.0))
    boasting = reliability(lift, there, prompts, (0.5, 8.0))
    off = "foretold and seen are apart by, on average"
    assert honest[off] < 0.015
    assert boasting[off] > 0.08
    assert honest["Brier score"][0] < boasting["Brier score"][0]
    assert sum(row["n"] for row in honest["bins"]) == len(lift)
    inside = [row["interval"][0] <= row["foretold"] <= row["interval"][1] for row in honest["bins"]]
    assert sum(inside) >= 6  # of 8 intervals of 95 %
    some, seen = lift[:300].round(1), there[:300]
    by_hand = [(a > b) + 0.5 * (a == b) for a in some[seen] for b in some[~seen]]
    assert area(some, seen) == pytest.approx(np.mean(by_hand))


def test_a_picked_picture_costs_what_the_table_says(engine):
    rows = {}
    for of in (1, 2, 3, 4, 6):
        session = Session("a cat AND a hat", model=engine, seed=4)
        session.set(steps=10)
        with counted([engine.network.module]) as asked:
            session.sample(1, **({"of": of} if of > 1 else {})).wait(SECONDS)
        rows[of] = asked[0]
        session.close()
    assert rows.pop(1) == 10 * 3
    table = pick_whole.costs()
    assert {of: asked / 30 for of, asked in rows.items()} == {
        **{of: pytest.approx(table[pick_whole.BEST.format(of)]) for of in (2, 3, 4)},
        6: pytest.approx(table[pick_whole.CULL]),
    }
    with counted([engine.network.module]) as asked:
        sketched(engine, Prompt.parse("a cat AND a hat"), OF, seed=4)
    walk = engine.genomes(engine.noise(1), "")[0].steps
    assert asked[0] == 3 * (OF * (4 + 1) + walk)
    assert costs([])[PICKED] == (OF * (4 + 1) + 10) / 10 <= BUDGET


def test_prompts_that_no_study_has_asked():
    tuned, asked = dealt()
    trials = pick_whole.prompts()
    assert f"`{named(trials)}`" in (pick_whole.__doc__ or "")
    for trial in trials:
        assert sum(noun in tuned for noun in trial.wanted) == 1
        assert sum(noun in asked for noun in trial.wanted) == len(trial.wanted) - 1
        assert any(kept_apart(*both) for both in itertools.combinations(trial.wanted, 2))
    assert len({frozenset(trial.wanted) for trial in trials}) == 2 * pick_whole.COUNT


def test_who_keeps_what_of_whole_pictures():
    right = [int(i in (1, 8, 15, 23)) for i in range(24)]
    rising, falling = list(range(24)), list(range(24, 0, -1))
    told = pick_whole.ways(
        {"seen": [0.9 if one else 0.1 for one in right], "sketch": rising, "finished": falling}
    )
    assert list(told.values()) == [
        pytest.approx([1 / 6] * 4),
        [0, 1, 0, 0],  # the third of the first three
        [0, 0, 0, 0],  # the first of two, three, four
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],  # of the fifth and the sixth, which have the best sketches, the fifth
    ]
    other = {"seen": [0.9 if one else 0.1 for one in right], "sketch": rising, "finished": rising}
    assert pick_whole.ways(other)[pick_whole.CULL] == [0, 0, 0, 1]
    assert pick_whole.ways(other)[pick_whole.BEST.format(4)] == [0, 0, 1, 0]
