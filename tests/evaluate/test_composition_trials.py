"""The composition benchmark's bookkeeping: trials, what counts as right, paired intervals."""

import itertools
from collections import Counter

import numpy as np
import pytest

from guidewidgets.evaluate.composition import PART, Trial, difference, pair_trials, share, triple_trials
from guidewidgets.prompt import Prompt
from guidewidgets.vision.reader import Reading
from training.world import captions
from training.world.scene import FOURTH_STAGE, make, rng_of


def seen(*nouns):
    return Reading(dict.fromkeys(nouns, 0.9), {}, dict.fromkeys(nouns, (0.5, 0.5)), "sky", None)


def test_a_trial_asks_in_words_and_in_concepts():
    trial = Trial(("fox", "owl", "grapes"))
    assert trial.sentence == Prompt("a fox, an owl and some grapes")
    assert trial.conjunction == Prompt.parse("a fox AND an owl AND some grapes")
    assert Trial(("fox", "unicorn")).sentence == Prompt("a fox and a unicorn")
    assert Trial(("fox",)).conjunction == Prompt("a fox")
    negated = Trial(("fox",), ("owl",))
    assert negated.unruly == Prompt("a fox and an owl")
    assert negated.negated(negated.unruly) == Prompt.parse("a fox and an owl AND NOT an owl")
    assert negated.negated(negated.sentence, 0.5) == Prompt.parse("a fox AND NOT an owl ::0.5")


def test_parts_of_a_picture_are_named_as_in_training():
    trial = Trial(("fox",), ("owl",))
    assert trial.pictured == Prompt("a picture with a fox")
    assert Trial(("fox", "owl", "grapes")).pictured == Prompt.parse(
        "a picture with a fox AND a picture with an owl AND a picture with some grapes"
    )
    assert trial.negated(trial.pictured, 2, PART) == Prompt.parse(
        "a picture with a fox AND NOT a picture with an owl ::2"
    )
    scenes = [(make(FOURTH_STAGE, 5, i), rng_of(5, i, 1)) for i in range(60)]
    texts = [captions.caption(scene, rng, partial=1.0) for scene, rng in scenes if len(scene.things) > 1]
    assert sum(text.startswith(PART.format("")) for text in texts) > 0.9 * len(texts) > 20


def test_what_is_right():
    both, one = Trial(("fox", "owl")), Trial(("fox",), ("owl",))
    assert both.right(seen("fox", "owl", "hat"))
    assert not both.right(seen("fox"))
    assert one.right(seen("fox"))
    assert one.kept(seen("fox", "owl"))
    assert not one.right(seen("fox", "owl"))
    assert one.removed(seen())
    assert not one.right(seen())


def test_trials_are_fair_and_repeatable():
    pairs = list(itertools.combinations("abcdefgh", 2))
    trials = pair_trials(pairs, 12, "g", seed=3)
    assert trials == pair_trials(pairs, 12, "g", seed=3)
    assert trials != pair_trials(pairs, 12, "g", seed=4)
    assert len({frozenset(t.wanted) for t in trials}) == 12
    counts = Counter(noun for t in trials for noun in t.wanted)
    assert set(counts.values()) == {3}
    assert {t.wanted[0] < t.wanted[1] for t in trials} == {True, False}  # either is named first
    negated = pair_trials(pairs, 3, "g", negate=True)
    assert all(len(t.wanted) == len(t.unwanted) == 1 for t in negated)
    assert len(triple_trials(list(itertools.combinations("abcde", 3)), 5, "g")) == 5
    with pytest.raises(ValueError, match="count=29: expected 1 to 28"):
        pair_trials(pairs, 29, "g")


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        marks = (rng.random((60, 4)) < 0.7).astype(float).tolist()
        found = share(marks)
        assert found.low <= found.mean <= found.high
        held += found.low <= 0.7 <= found.high
    # 95 % of 200, and three standard errors of that.
    assert held >= 181


@pytest.mark.parametrize("n", [1, 8, 100])
def test_trials_that_are_all_alike_have_a_width(n):
    """Were the true share beyond the interval's end, so many alike would come in fewer than 2.5 % of all times."""
    never, always = share([[0.0, 0.0]] * n), share([[1.0, 1.0]] * n)
    assert (never.mean, never.low) == (0, 0)
    assert (1 - never.high) ** n == pytest.approx(0.025)
    assert (always.mean, always.high) == (1, 1)
    assert always.low**n == pytest.approx(0.025)
    assert str(share([[0.0]] * 8)) == "0.0 [0.0, 36.9]"


def test_paired_differences_are_sharper_than_their_parts():
    rng = np.random.default_rng(1)
    hard = rng.random(80)[:, None]  # prompts differ far more than the ways of asking
    marks, others = ((rng.random((80, 4)) < hard + d).astype(float).tolist() for d in (0.1, 0.0))
    found = difference(marks, others)
    assert found.low <= 0.1 <= found.high
    one, other = share(marks), share(others)
    assert found.high - found.low < (one.high - one.low) + (other.high - other.low)
    with pytest.raises(ValueError, match="the same trials"):
        difference(marks, others[:-1])
    for bad in ([], [[]], [[1.0], [1.0, 0.0]]):
        with pytest.raises(ValueError, match="marks"):
            share(bad)
