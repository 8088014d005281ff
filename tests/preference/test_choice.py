"""A choice of one among several images: its probability against integrals, its derivatives, and what is learned."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from guidewidgets.preference.choice import MOST, Choice, derivatives, log_likelihood, rows
from guidewidgets.preference.gp import JITTER, _laplace, fit
from guidewidgets.preference.validation import left_out

NONE = np.empty((0, 2), np.intp)


def place(n):
    return {str(i): i for i in range(n)}


def told(*choices, n=MOST):
    return rows(choices, place(n))


def chance(f, winner):
    """Of the winner among all, as an integral by another rule."""
    rest = np.delete(f, winner)

    def integrand(u):
        return stats.norm.pdf(u) * np.prod(stats.norm.cdf(f[winner] - rest + u))

    return integrate.quad(integrand, -12, 12, epsabs=0, epsrel=1e-11, limit=400)[0]


@pytest.mark.parametrize("n", range(2, MOST + 1))
def test_the_chance_is_its_integral_and_all_chances_make_one(n):
    """To a millionth where tastes differ by up to 4 units of the noise, the prior's two standard deviations."""
    items = tuple(map(str, range(n)))
    for seed in range(5):
        f = np.random.default_rng(seed).uniform(-2, 2, n)
        chances = [np.exp(log_likelihood(f, told(Choice(items, w)))) for w in items]
        assert sum(chances) == pytest.approx(1, abs=1e-6)
        for winner, found in enumerate(chances):
            assert found == pytest.approx(chance(f, winner), rel=1e-6)


def test_the_chances_are_those_of_a_million_looks():
    """Whoever looks sees f + noise and takes the largest: counted, to within four standard errors."""
    f = np.random.default_rng(3).uniform(-1, 1, MOST)
    looks = 1_000_000
    seen = f + np.random.default_rng(4).normal(size=(looks, MOST))
    counted = np.bincount(seen.argmax(1), minlength=MOST) / looks
    items = tuple(map(str, range(MOST)))
    chances = np.exp([log_likelihood(f, told(Choice(items, w))) for w in items])
    assert (np.abs(counted - chances) < 4 * np.sqrt(chances * (1 - chances) / looks)).all()


def test_of_two_it_is_the_comparison():
    """Φ(d / √2) to a millionth up to 4, to a part in 100 at 8, where P is 8e-9."""
    for d, tolerance in ((-8, 1e-2), (-4, 1e-6), (-1, 1e-9), (0, 1e-12), (3, 1e-9)):
        found = log_likelihood(np.array([d, 0.0]), told(Choice(("0", "1"), "0")))
        assert np.exp(found) == pytest.approx(stats.norm.cdf(d / np.sqrt(2)), rel=tolerance)


def test_derivatives_are_those_of_finite_differences_and_the_log_is_concave():
    data = told(Choice(("0", "2", "3", "6"), "3"), Choice(("1", "2", "5"), None), Choice(("4", "0"), None))
    for f in np.random.default_rng(1).normal(0, 2, (4, 7)):
        gradient, curvature = derivatives(f, data)
        h = 1e-5
        step = np.eye(7) * h
        numeric = [(log_likelihood(f + e, data) - log_likelihood(f - e, data)) / (2 * h) for e in step]
        assert np.allclose(gradient, numeric, atol=1e-7)
        second = [(derivatives(f + e, data)[0] - derivatives(f - e, data)[0]) / (2 * h) for e in step]
        assert np.allclose(curvature, -np.array(second), atol=1e-6)
        assert np.linalg.eigvalsh(curvature).min() > -1e-9


@pytest.mark.parametrize("best", ["1", None])
def test_the_mode_is_that_of_a_grid(best):
    """Three images, every value of f from -4 to 4 by 0.1: the posterior is highest next to the mode."""
    kernel = np.array([[1.0, 0.3, 0.0], [0.3, 2.0, 0.5], [0.0, 0.5, 1.5]])
    data = told(Choice(("0", "1", "2"), best), Choice(("0", "1", "2"), "1"), Choice(("0", "2"), None), n=3)
    mode, _, core, _ = _laplace(kernel, NONE, data)
    prior = np.linalg.inv(kernel + JITTER * np.eye(3))

    def height(f):
        return log_likelihood(f, data) - 0.5 * f @ prior @ f

    axis = np.arange(-0.7, 1.5, 0.1)
    grid = np.array(list(itertools.product(axis, repeat=3)))
    heights = np.array([height(f) for f in grid])
    assert np.abs(grid[heights.argmax()] - mode).max() <= 0.1
    assert heights.max() <= height(mode)
    # The covariance is the inverse of the posterior's curvature at its mode.
    posterior = np.linalg.inv(prior + derivatives(mode, data)[1])
    whole = kernel + JITTER * np.eye(3)
    assert np.allclose(whole - whole @ core @ whole, posterior, atol=1e-6)


def test_who_cannot_tell_likes_them_alike():
    data = told(Choice(("0", "1", "2"), None), n=3)
    alike = log_likelihood(np.zeros(3), data)
    assert alike == pytest.approx(np.log(1 / 3))
    for f in np.random.default_rng(0).normal(size=(20, 3)):
        assert log_likelihood(f, data) < alike
        assert log_likelihood(f + 5, data) == pytest.approx(log_likelihood(f, data))


def features(seed, n, dimensions=16):
    x = np.random.default_rng(seed).normal(size=(n, dimensions)) * np.arange(1, dimensions + 1) ** -0.5
    return {str(i): row for i, row in enumerate(x / np.linalg.norm(x, axis=1, keepdims=True))}


def test_a_taste_is_learned_from_choices_alone():
    known = features(0, 72)
    target = features(9, 1)["0"]
    names = list(known)
    choices = [
        Choice(some, max(some, key=lambda name: known[name] @ target))
        for some in (tuple(names[i : i + 6]) for i in range(0, 72, 6))
    ]
    taste = fit(known, [], choices)
    assert taste.pairs == 12 * 5
    unseen = np.stack(list(features(5, 300).values()))
    assert stats.spearmanr(taste.predict(unseen)[0], unseen @ target).statistic > 0.5
    assert left_out(known, [], choices) == []  # there is no batch to foretell


def test_who_never_could_tell_has_no_taste():
    known = features(0, 4)
    assert fit(known, [], [Choice(("0", "1", "2"), None)]) is None
    taste = fit(known, [], [Choice(("0", "1"), "0")])
    doubted = fit(known, [], [Choice(("0", "1"), "0"), Choice(("0", "1"), None)])
    both = np.stack([known["0"], known["1"]])
    assert 0 < np.diff(doubted.predict(both)[0][::-1])[0] < np.diff(taste.predict(both)[0][::-1])[0]
    assert doubted.pairs == 1
