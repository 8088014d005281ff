"""Voronoi crossover by its theory: areas (T5), nevergrad's own rule (T12), diversity (T14), a user (T17)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import voronoi_crossover
from guidewidgets.evolve.voronoi import nearest_site

SHAPE = (4, 64, 64)


def likeness(latents):
    """Mean pairwise cosine."""
    flat = torch.nn.functional.normalize(latents.flatten(1), dim=1)
    n = len(flat)
    return ((flat @ flat.T).sum().item() - n) / (n * (n - 1))


# Areas


@pytest.mark.parametrize(
    ("m", "cells", "cell_cv", "share_sd", "crossing"),
    [
        (2, 4, 0.47, 0.135, 0.015),
        (3, 6, 0.51, 0.106, 0.026),
        (3, 12, 0.55, 0.078, 0.038),
        (5, 10, 0.54, 0.072, 0.041),
    ],
)
def test_areas_of_cells_and_parents(m, cells, cell_cv, share_sd, crossing):
    """Known figures of uniform sites on 64 × 64. Over 300 children means stay within three standard errors; the spread
    of a standard deviation over 300 draws is 4 %, of which three are allowed, and so much again for skewed areas."""
    _, owners = voronoi_crossover(draw(m, (1, 64, 64), 0), 300, cells=cells, fresh=0, seed=7)
    shares = np.array([[(owner == k).float().mean().item() for k in range(m)] for owner in owners])
    assert abs(shares[:, 0].mean() - 1 / m) < 3 * share_sd / np.sqrt(300)
    assert shares.std(axis=0).mean() == pytest.approx(share_sd, rel=0.24)
    across = (
        (owners[:, 1:] != owners[:, :-1]).float().mean(),
        (owners[:, :, 1:] != owners[:, :, :-1]).float().mean(),
    )
    assert float(sum(across)) / 2 == pytest.approx(crossing, rel=0.15)
    rng = np.random.default_rng(1)
    areas = []
    for _ in range(300):
        nearest = nearest_site(rng.random((cells, 2)) * 64 - 0.5, (64, 64))
        areas += (np.bincount(nearest.ravel(), minlength=cells) / 64**2).tolist()
    assert np.std(areas) * cells == pytest.approx(cell_cv, rel=0.12)


# nevergrad's own operator


def library_rule(donor, individual, shape, random):
    """Four integer sites over all axes, one cell of four from the individual, ties to the donor."""
    sites = [np.array([random.randint(n) for n in shape]) for _ in range(4)]
    places = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    distance = [np.linalg.norm(places - site, axis=-1) for site in sites]
    mine = np.minimum.reduce(distance[:3]) > distance[3]
    return np.where(mine, individual, donor)


@pytest.mark.parametrize("shape", [(6, 7), (4, 5, 6), (16, 16), (3, 8, 8), (2, 2)])
def test_the_rule_of_nevergrads_operator_is_known(shape):
    """Told apart from ours: two parents, four sites, cut through channels, on the global random state. Bit for bit."""
    ng = pytest.importorskip("nevergrad")
    from nevergrad.optimization.differentialevolution import Crossover

    for seed in range(5):
        rng = np.random.default_rng(seed)
        donor, individual = rng.normal(size=shape), rng.normal(size=shape)
        operator = Crossover(np.random.RandomState(0), "voronoi", ng.p.Array(shape=shape))
        np.random.seed(seed)  # noqa: NPY002 - after the operator: making it draws from the global state
        theirs = donor.flatten()
        operator.apply(theirs, individual.flatten())
        mine = library_rule(donor, individual, shape, np.random.RandomState(seed))
        assert np.array_equal(theirs.reshape(shape), mine)


# A simulated user on latents alone


class Ticket:
    """Every 8 × 8 block of noise becomes one of six contents; liked is the share of blocks that match a hidden map."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self._looks = torch.from_numpy(rng.normal(size=(6, 4 * 8 * 8))).float()
        self._map = torch.from_numpy(rng.integers(6, size=64))

    def __call__(self, latents):
        blocks = latents.unfold(2, 8, 8).unfold(3, 8, 8).permute(0, 2, 3, 1, 4, 5).reshape(-1, 64, 256)
        return ((blocks @ self._looks.T).argmax(-1) == self._map).float().mean(1)


def session_of(user, seed, rounds, breed, n=50, picks=3):
    """z of the best so far and the likeness of the batch, per generation; favourites are shown again."""
    x = draw(n, SHAPE, 100 + seed)
    score = user(x)
    random = user(draw(400, SHAPE, 900 + seed))
    z, alike, spread = [], [likeness(x)], [x.flatten(1).std(1)]
    for r in range(rounds):
        best = score.topk(picks).indices
        children = breed(x[best], n - picks, seed * 100 + r)
        x = torch.cat([x[best], children])
        score = user(x)
        z.append(((score.max() - random.mean()) / random.std()).item())
        alike.append(likeness(children))
        spread.append(x.flatten(1).std(1))
    return np.array(z), np.array(alike), torch.cat(spread)


BREEDS = {
    "random": lambda best, n, seed: draw(n, SHAPE, 5000 + seed),
    "ours": lambda best, n, seed: voronoi_crossover(best, n, seed=seed)[0],
    "literal": lambda best, n, seed: voronoi_crossover(best, n, cells=6, fresh=0, seed=seed)[0],
}


@pytest.fixture(scope="module")
def played():
    return {
        name: [session_of(Ticket(seed), seed, 10, breed) for seed in range(4)]
        for name, breed in BREEDS.items()
    }


def test_a_user_gets_much_farther_than_by_re_rolling(played):
    """Bands for the mean z over seeds of a reference simulation, widened by its standard errors (0.7 at most)."""
    z = {name: np.mean([run[0] for run in runs], axis=0) for name, runs in played.items()}
    assert 2.6 <= z["random"][9] <= 4.4
    assert z["ours"][0] >= 2.9
    assert z["ours"][2] >= 4.6
    assert z["ours"][9] >= 7.4
    assert z["ours"][9] > z["random"][9] + 3
    assert 5.6 <= z["literal"][9] <= 8.9


def test_defaults_stay_diverse_where_the_literal_rule_collapses(played):
    ours, literal = (np.mean([run[1] for run in played[name]], axis=0) for name in ("ours", "literal"))
    assert (ours < 0.95).all()  # every generation through the tenth
    assert ours[10] <= 0.92
    assert literal[10] >= 0.97


def test_spread_stays_one_for_ever(played):
    for runs in played.values():
        for *_, spread in runs:
            assert spread.min() > 0.97
            assert spread.max() < 1.03
