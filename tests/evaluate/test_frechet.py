"""The Fréchet distance against its closed form, and that it never goes by another's name."""

import numpy as np
import pytest
import torch

from guidewidgets.evaluate.frechet import Frechet, frechet, frechet_distance


def exact(n, mean, covariance, seed):
    """Samples (n, D) whose mean and covariance are exactly these."""
    x = np.random.default_rng(seed).standard_normal((n, len(mean)))
    x -= x.mean(0)
    x @= np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    return x @ np.linalg.cholesky(covariance).T + mean


def test_closed_form_for_covariances_that_commute():
    a = exact(40, [0.0, 1.0], np.diag([4.0, 1.0]), 0)
    b = exact(60, [3.0, 1.0], np.diag([1.0, 9.0]), 1)
    # ‖μ‖² + Σ (√a - √b)²
    assert frechet_distance(a, b) == pytest.approx(9 + (2 - 1) ** 2 + (1 - 3) ** 2, abs=1e-9)


def test_any_covariances_against_a_matrix_root():
    rng = np.random.default_rng(2)
    roots = rng.standard_normal((2, 5, 5))
    a, b = (exact(50, np.zeros(5), r @ r.T + 0.1 * np.eye(5), i) for i, r in enumerate(roots))
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values = np.linalg.eigvals(ca @ cb)  # of a product of positive matrices: positive and real
    expected = np.trace(ca) + np.trace(cb) - 2 * np.sqrt(values.real).sum()
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-8)


def test_the_same_pictures_are_at_no_distance():
    x = torch.randn(30, 8, generator=torch.Generator().manual_seed(0))
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(x[:5], x[:5]) == pytest.approx(0, abs=1e-6)  # fewer pictures than numbers


@pytest.mark.parametrize(("a", "b"), [((1, 4), (9, 4)), ((9, 4), (9, 5)), ((9,), (9,)), ((9, 4), (1, 4))])
def test_bad_sets(a, b):
    with pytest.raises(ValueError, match="expected finite"):
        frechet_distance(np.zeros(a), np.zeros(b))
    with pytest.raises(ValueError, match="expected finite"):
        frechet_distance(np.full((9, 4), np.nan), np.zeros((9, 4)))


def test_it_says_what_it_is_and_how_many():
    class Mean:
        def images(self, images):
            return images.mean((2, 3))

    pictures = torch.rand(20, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    found = frechet(pictures[:8], pictures, Mean())
    assert found == Frechet(found.distance, "judge", 8, 20, 3)
    assert "judge features (8 and 20 pictures of 3 numbers each; not an FID)" in str(found)
