"""The mathematics of a blind study, against oracles."""

from __future__ import annotations

import choix
import numpy as np
import pytest
from scipy import optimize, stats

from benchmarks.study_coverage import USUAL, VOTERS, Voter, plans, simulate
from guidewidgets.evaluate import bradley_terry
from guidewidgets.evaluate.study.interval import share_interval, sign_test, student, wilson


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 20, 193, 10_000])
def test_quantiles_of_student(freedom):
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=2e-3)


def test_with_a_vote_for_each_prompt_it_is_wilsons_interval():
    # The cluster-robust variance is then the binomial one times n / (n - 2): what is left is Student's quantile.
    scores = np.array([1.0] * 120 + [0.0] * 80)
    left = np.arange(200) % 2 == 0  # explains nothing: as many of each on either side
    share, low, high = share_interval(scores, np.arange(200), left)
    theirs = stats.binomtest(120, 200).proportion_ci(method="wilson")
    assert share == 0.6
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1.5e-3)
    assert low < theirs.low


@pytest.mark.parametrize(("ups", "n"), [(0, 10), (1, 3), (2, 4), (10, 10), (120, 200)])
def test_wilsons_interval(ups, n):
    theirs = stats.binomtest(ups, n).proportion_ci(method="wilson")
    assert wilson(ups / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_votes_on_one_prompt_that_are_alike_count_once():
    by_prompt = np.array([1.0] * 12 + [0.0] * 8)
    left = np.tile([True, False], 100)
    alone = share_interval(by_prompt, np.arange(20), left[:20])
    ten_each = share_interval(np.repeat(by_prompt, 10), np.repeat(np.arange(20), 10), left)
    assert ten_each == pytest.approx(alone, abs=0.02)
    # Six of ten on every prompt: two hundred votes that nothing binds.
    scattered = share_interval(np.repeat(by_prompt, 10), np.tile(np.arange(20), 10), left)
    assert scattered[2] - scattered[1] == pytest.approx(0.14, abs=0.01)


@pytest.mark.parametrize("score", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("groups", [1, 2, 9])
def test_votes_that_are_all_alike_have_a_width(score, groups):
    share, low, high = share_interval(np.full(18, score), np.arange(18) % groups, np.arange(18) % 2 == 0)
    assert low <= share == score <= high
    assert high - low > 0.1


def test_the_sign_test_is_the_exact_binomial_one():
    for ups, downs in ((12, 3), (5, 5), (40, 61), (1, 0)):
        scores = [1.0] * ups + [0.0] * downs + [0.5] * 4
        found = sign_test(scores, list(range(len(scores))))
        assert found == pytest.approx(stats.binomtest(ups, ups + downs).pvalue, rel=1e-9)
    assert sign_test([0.5, 1.0, 0.0], [0, 1, 1]) == 1.0
    assert sign_test([1.0] * 10, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]) == 0.5  # two prompts, not ten votes


# The standard error of a share of 0.95 in 1000 studies is 0.007: three of them to either side. The whole table, of 2000
# studies each, is `benchmarks/results/study_coverage.json`.
@pytest.mark.slow
@pytest.mark.parametrize(("prompts", "n"), [([1] * 194, 194), ([10] * 20, 194), ([1] * 97 + [24] * 4, 193)])
def test_intervals_cover_with_lapses_side_bias_and_clusters(prompts, n):
    made = plans(prompts, n, 4)
    found = simulate(made, VOTERS[USUAL], 1000, seed=1, usual=False)
    assert found["covered"] == pytest.approx(0.955, abs=0.021)
    nothing = simulate(made, Voter(0.5), 1000, seed=2, usual=False)
    assert nothing["concluded"] <= 0.052 + 0.021  # 0.052: 194 throws are whole numbers


@pytest.mark.slow
def test_whoever_throws_a_coin_is_told_by_the_catch_pairs():
    found = simulate(plans([1] * 194, 194, 4), Voter(0.5, lapse=1.0), 200, usual=False)
    # Of ten catch pairs a coin misses three or more in 94.5 % of studies, and at least one in 99.9 %.
    assert found["inattentive_told"] >= 0.98
    assert found["concluded"] <= 0.01
    looking = simulate(plans([1] * 194, 194, 4), Voter(0.6), 200, usual=False)
    assert looking["inattentive_told"] == 0


@pytest.mark.slow
def test_194_votes_find_60_to_40_four_times_in_five():
    assert simulate(plans([1] * 194, 194, 4), Voter(0.6), 400, usual=False)["first_better"] == pytest.approx(
        0.8, abs=0.06
    )


def likely(wins):
    """Strengths that make a table of wins the most likely, by direct search."""

    def loss(scores):
        odds = scores[:, None] - scores[None]
        return float((wins * np.logaddexp(0, -odds)).sum() + (scores.sum()) ** 2)

    found = optimize.minimize(loss, np.zeros(len(wins)), method="BFGS", options={"gtol": 1e-9})
    strengths = np.exp(found.x)
    return strengths / strengths.sum()


@pytest.mark.parametrize("count", [2, 3, 7])
def test_bradley_terry_is_what_a_peer_and_a_direct_search_find(count):
    rng = np.random.default_rng(count)
    wins = rng.integers(1, 12, (count, count))
    np.fill_diagonal(wins, 0)
    found = bradley_terry(wins)
    assert found.sum() == pytest.approx(1)
    data = [(i, j) for i in range(count) for j in range(count) for _ in range(wins[i, j])]
    peer = np.exp(choix.mm_pairwise(count, data, tol=1e-12))
    assert found == pytest.approx(peer / peer.sum(), rel=1e-6)
    assert found == pytest.approx(likely(wins), rel=1e-4)
    halves = wins + 0.5 * (np.ones((count, count)) - np.eye(count))  # a tie between any two
    assert bradley_terry(halves) == pytest.approx(likely(halves), rel=1e-4)


def test_two_methods_have_the_strengths_of_their_shares():
    assert bradley_terry([[0, 30], [10, 0]]) == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize(
    ("wins", "words"),
    [
        ([[0, 1, 2]], r"shape \(1, 3\)"),
        ([[0]], r"shape \(1, 1\)"),
        ([[0, -1], [1, 0]], "at least 0"),
        ([[0, float("nan")], [1, 0]], "finite"),
        ([[0, 5], [0, 0]], "nothing leads from 1 to 0"),
        ([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], "nothing leads from 0 to 2"),
    ],
)
def test_tables_without_most_likely_strengths_are_refused(wins, words):
    with pytest.raises(ValueError, match=words):
        bradley_terry(wins)
