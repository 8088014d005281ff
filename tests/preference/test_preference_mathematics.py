"""The mathematics of the learned taste, against oracles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from test_preference import D, rounds, world

from guidewidgets.preference.acquisition import ask, improvement
from guidewidgets.preference.gp import _derivatives, _laplace, fit


def problem(seed=0, n=7, p=12):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    kernel = 2 * np.exp(-0.5 * ((x[:, None] - x[None]) ** 2).sum(-1))
    pairs = np.array([rng.permutation(n)[:2] for _ in range(p)])
    return kernel, pairs


def likelihood(f, pairs):
    return stats.norm.logcdf((f[pairs[:, 0]] - f[pairs[:, 1]]) / np.sqrt(2)).sum()


def test_derivatives_are_those_of_finite_differences():
    _, pairs = problem()
    f = np.random.default_rng(1).normal(size=7)
    gradient, curvature = _derivatives(f, pairs[:, 0], pairs[:, 1])
    h = 1e-5
    step = np.eye(7) * h
    numeric = [(likelihood(f + e, pairs) - likelihood(f - e, pairs)) / (2 * h) for e in step]
    assert np.allclose(gradient, numeric, atol=1e-7)
    second = [(_derivatives(f + e, *pairs.T)[0] - _derivatives(f - e, *pairs.T)[0]) / (2 * h) for e in step]
    assert np.allclose(curvature, -np.array(second), atol=1e-7)


def test_the_mode_is_where_the_posterior_is_flat():
    kernel, pairs = problem()
    f, slope, core, _ = _laplace(kernel, pairs)
    gradient, curvature = _derivatives(f, *pairs.T)
    assert np.allclose(slope, gradient, atol=1e-4)  # K⁻¹f = ∇ log p(choices | f)
    jittered = kernel + 1e-6 * np.eye(7)
    assert np.allclose(jittered @ slope, f)
    posterior = np.linalg.inv(np.linalg.inv(jittered) + curvature)
    assert np.allclose(jittered - jittered @ core @ jittered, posterior, atol=1e-6)


def test_evidence_of_one_comparison_is_its_integral():
    """One comparison of independent images: P = 1/2 exactly, by symmetry; Laplace is within a fifth of it."""
    kernel = np.diag([0.3, 0.3])
    *_, evidence = _laplace(kernel, np.array([[0, 1]]))
    exact = integrate.quad(
        lambda d: stats.norm.pdf(d, 0, np.sqrt(0.6)) * stats.norm.cdf(d / np.sqrt(2)), -9, 9
    )[0]
    assert exact == pytest.approx(0.5)
    assert np.exp(evidence) == pytest.approx(exact, rel=0.2)


def test_expected_improvement_is_its_integral():
    for mean, deviation, best in ((0.3, 0.5, 0.8), (2.0, 0.1, 0.0), (-3.0, 1.0, 0.0)):
        exact = integrate.quad(
            lambda f, m=mean, s=deviation, b=best: max(f - b, 0) * stats.norm.pdf(f, m, s),
            mean - 9 * deviation,
            mean + 9 * deviation,
            points=[best],
        )[0]
        assert improvement(np.array([mean]), np.array([deviation]), best)[0] == pytest.approx(exact, abs=1e-9)


def test_where_nothing_is_known_it_says_so():
    _, features, batches = rounds(0, 2)
    taste = fit(features, batches)
    near = np.stack([features["0/0"], features["0/1"]])
    far = -5 * np.ones((1, D))
    sure, unsure = (np.diag(taste.predict(x)[1]) for x in (near, far))
    assert sure.max() < unsure.min()


def test_two_are_asked_about_whose_best_is_expected_to_be_best():
    """E max of two normals as Clark (1961) has it; the estimate may be wrong by a hundredth of a comparison."""
    _, features, batches = rounds(2, 3)
    taste, pool = fit(features, batches), world(77, 12)
    mean, covariance = taste.predict(pool)
    first = int(mean.argmax())

    def best(i):
        spread = np.sqrt(max(covariance[first, first] + covariance[i, i] - 2 * covariance[first, i], 1e-12))
        z = (mean[first] - mean[i]) / spread
        return mean[first] * stats.norm.cdf(z) + mean[i] * stats.norm.cdf(-z) + spread * stats.norm.pdf(z)

    values = np.array([best(i) for i in range(12)])
    one, other = ask(taste, pool, 2)
    assert one == first
    assert values[other] > values.max() - 0.01
    assert set(ask(taste, pool, 4)) >= {one, other}  # the more are asked about, the more join
    assert len(set(ask(taste, pool, 9))) == 9


def test_no_question_is_asked_twice():
    _, features, batches = rounds(2, 3)
    taste, pool = fit(features, batches), world(77, 4)
    asked = []
    while question := ask(taste, pool, 3, asked):
        asked.append(frozenset(question))
        assert len(asked) < 20
    assert len(set(asked)) == len(asked)
    assert [len(one) for one in asked] == sorted((len(one) for one in asked), reverse=True)
    assert {2, 3} == {len(one) for one in asked}
