"""The learned taste against scikit-learn's Gaussian process: how well they rank unseen images, how long it takes.

    python -m benchmarks.taste [people]

Somebody stars 3 of 12 images, and every batch is better than the one before, as in evolution. Features are unit vectors
of 512 numbers with a falling spectrum, as an encoder's are; one wish, a direction, or two wishes that are far apart.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

from benchmarks.timing import seconds, write
from guidewidgets.preference.gp import COMPONENTS, LENGTHS, LINEAR, Array, Batch, fit
from guidewidgets.preference.validation import auc

D = 512
NOISE = 0.5  # of the user's judgement, in standard deviations of what is judged
KINDS = ("one wish", "a direction", "two wishes")
BATCHES = (2, 5, 10)


def world(rng: np.random.Generator, n: int) -> Array:
    """Features (n, D) like an encoder's."""
    x = rng.normal(size=(n, D)) * np.arange(1, D + 1) ** -0.75
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def value(kind: str, wishes: Array, x: Array) -> Array:
    """How much images (n, D) are liked, (n,)."""
    if kind == "two wishes":
        return np.maximum(x @ wishes[0], x @ wishes[1])
    return x @ (np.sign(wishes[0]) * np.arange(1, D + 1) ** -0.2 if kind == "a direction" else wishes[0])


def lessons(
    rng: np.random.Generator, kind: str, wishes: Array, batches: int, n: int = 12, stars: int = 3
) -> tuple[dict[str, Array], list[Batch]]:
    """Features by name, and batches with their stars."""
    features: dict[str, Array] = {}
    told: list[Batch] = []
    for b in range(batches):
        many = world(rng, n * (b + 1))
        true = value(kind, wishes, many)
        # Evolution brings more and more of what is liked into the batches, roughly.
        x = many[np.argsort(-(true + true.std() * rng.normal(size=len(true))))[:n]]
        liked = value(kind, wishes, x) + NOISE * true.std() * rng.normal(size=n)
        best = set(np.argsort(-liked)[:stars].tolist())
        names = tuple(f"{b}.{i}" for i in range(n))
        features |= dict(zip(names, x, strict=True))
        told.append(Batch(names, tuple(int(i in best) for i in range(n))))
    return features, told


def regression(features: dict[str, Array], batches: list[Batch], unseen: Array) -> Array:
    """Scikit-learn's process on stars centred within batches, with our kernel; length by evidence."""
    shown = np.stack([features[item] for batch in batches for item in batch.items])
    look = PCA(min(COMPONENTS, *shown.shape)).fit(shown)
    x, new = look.transform(shown), look.transform(unseen)
    grades = [np.array(batch.grades, float) for batch in batches]
    y = np.concatenate([(g - g.mean()) / g.std() for g in grades])
    scale = np.median(np.linalg.norm(x[:, None] - x[None], axis=-1)[np.triu_indices(len(x), 1)])
    spread = (x**2).sum(1).mean()
    models = [
        GaussianProcessRegressor(
            ConstantKernel(1 - LINEAR) * RBF(length * scale)
            + ConstantKernel(LINEAR / spread) * DotProduct(0.0, sigma_0_bounds="fixed")
            + WhiteKernel(1.0),
            optimizer=None,
        ).fit(x, y)
        for length in LENGTHS
    ]
    return max(models, key=lambda m: m.log_marginal_likelihood_value_).predict(new)


def main(people: int = 14) -> None:
    """Measure and write."""
    figures: dict[str, Any] = {"people": people}
    for kind in KINDS:
        for batches in BATCHES:
            rows = []
            for person in range(people):
                rng = np.random.default_rng(person)
                wishes, unseen = world(rng, 2), world(rng, 400)
                features, told = lessons(rng, kind, wishes, batches)
                truth = value(kind, wishes, unseen)
                good = (truth > np.quantile(truth, 0.75)).tolist()
                taste = fit(features, told)
                assert taste
                found = taste.predict(unseen)[0], regression(features, told, unseen)
                rows.append([auc(good, each.tolist()) for each in found])
            ours, theirs = np.mean(rows, axis=0)
            error = np.std(np.subtract(*np.transpose(rows)), ddof=1) / np.sqrt(people) if people > 1 else None
            figures[f"{kind}, {batches} batches"] = {
                "auc": round(float(ours), 3),
                "auc_regression": round(float(theirs), 3),
                "standard_error_of_difference": None if error is None else round(float(error), 3),
            }
    for n, batches, stars in ((12, 1, 5), (12, 10, 3), (50, 10, 3)):
        rng = np.random.default_rng(0)
        features, told = lessons(rng, "one wish", world(rng, 2), batches, n, stars)
        key = f"seconds, {stars} of {n} starred, {batches} batches"
        figures[key] = round(min(seconds(lambda f=features, t=told: fit(f, t)) for _ in range(3)), 4)
    write("taste", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 14)
