"""Well-spread batches, crossover along clicks, and the ladder that anneals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import click_voronoi, mutate, spread
from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.evolve.mutate import ladder
from guidewidgets.evolve.recombine import KEEP
from guidewidgets.evolve.spread import far_apart, low_pass
from guidewidgets.region import Region

SHAPE = (4, 16, 16)
spots = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=3)


def nearest(latents):
    """Mean cosine of each latent to its nearest neighbour behind the low-pass filter."""
    looks = low_pass(latents)
    cosines = looks @ looks.T
    np.fill_diagonal(cosines, -1)
    return cosines.max(axis=1).mean()


# Spread


def test_a_spread_batch_is_farther_apart_than_any_of_many_plain_ones():
    plain = [nearest(draw(12, SHAPE, seed)) for seed in range(30)]
    assert nearest(spread(12, SHAPE, 5)[0]) < min(plain)


def test_spread_latents_are_ordinary_draws():
    """Picked, never moved: the pool's own draws, bit for bit, and standard normal (KS over 12 × 16,384 values)."""
    latents, indices = spread(12, (4, 64, 64), 3)
    assert torch.equal(latents, draw(max(indices) + 1, (4, 64, 64), 3)[indices])
    assert len(set(indices)) == 12
    assert stats.kstest(latents.flatten().numpy(), "norm").pvalue > 0.01
    again, same = spread(12, (4, 64, 64), 3)
    assert same == indices
    assert torch.equal(again, latents)


@given(n=st.integers(1, 6), extra=st.integers(0, 10), height=st.integers(1, 9), width=st.integers(1, 9))
def test_any_size_and_pool(n, extra, height, width):
    latents, indices = spread(n, (3, height, width), 1, pool=n + extra)
    assert latents.shape == (n, 3, height, width)
    assert len(set(indices)) == n
    assert indices[0] == 0
    assert max(indices) < n + extra


def test_the_greedy_choice_is_the_farthest_every_time():
    vectors = np.random.default_rng(0).normal(size=(40, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = far_apart(vectors, 10)
    for k in range(1, 10):
        rest = [i for i in range(40) if i not in chosen[:k]]
        assert chosen[k] == min(rest, key=lambda i: (vectors[chosen[:k]] @ vectors[i]).max())


# Clicks


@given(picks=st.lists(spots, min_size=1, max_size=4).filter(any), seed=st.integers(0, 1000))
def test_clicked_places_come_from_the_clicked_parent(picks, seed):
    m = len(picks)
    parents = draw(m, SHAPE, 6)
    children, owners = click_voronoi(parents, picks, 4, seed)
    masks = [
        torch.from_numpy(Region.points(p, KEEP).mask(16, 16)) if p else torch.zeros(16, 16, dtype=torch.bool)
        for p in picks
    ]
    for child, owner in zip(children, owners, strict=True):
        for k in range(m):
            assert torch.equal(child[:, owner == k], parents[k][:, owner == k])
            alone = masks[k] & ~torch.stack([masks[j] for j in range(m) if j != k] or [masks[k] & False]).any(
                0
            )
            assert (owner[alone] == k).all()
    assert (owners[0] != FRESH).all()
    assert (owners[1:] == FRESH).any()


def test_the_first_child_is_the_nearest_click_map():
    _, owners = click_voronoi(draw(2, SHAPE, 0), [[(0.0, 0.5)], [(1.0, 0.5)]], 3)
    assert (owners[0][:, :8] == 0).all()
    assert (owners[0][:, 8:] == 1).all()
    assert not torch.equal(owners[1], owners[2])


def test_favourites_without_a_click_take_part():
    _, owners = click_voronoi(draw(3, (4, 32, 32), 0), [[(0.5, 0.5)], [], []], 20)
    shares = [(owners == k).float().mean().item() for k in range(3)]
    assert min(shares) > 0.1


def test_click_children_of_normal_parents_are_normal():
    """Independent parents for every child: 200 × 1,024 values."""
    rows = [click_voronoi(draw(2, SHAPE, i), [[(0.3, 0.3)], [(0.8, 0.6)]], 2, i)[0][1] for i in range(200)]
    values = torch.stack(rows).flatten().numpy()
    assert stats.kstest(values, "norm").pvalue > 0.01


def test_click_children_depend_on_seed_and_index_only():
    parents = draw(2, SHAPE, 0)
    picks = [[(0.1, 0.1)], []]
    assert torch.equal(click_voronoi(parents, picks, 5, 7)[0][:3], click_voronoi(parents, picks, 3, 7)[0])
    assert not torch.equal(click_voronoi(parents, picks, 5, 7)[0], click_voronoi(parents, picks, 5, 8)[0])


# Annealing


def test_the_ladder_anneals():
    assert ladder(0) == (0.1, 1.2)
    assert ladder(2)[1] == pytest.approx(1.2 * 0.49)
    assert ladder(1000)[1] > 0.05
    parent = draw(1, (4, 64, 64), 1)[0]
    far, near = (mutate(parent, 6, seed=2, picked=k) for k in (0, 3))
    assert (near[1] > far[1]).all()
    for child, expected in zip(near[0], near[1], strict=True):
        found = torch.nn.functional.cosine_similarity(child.flatten(), parent.flatten(), dim=0).item()
        assert abs(found - expected) < 3 / parent.numel() ** 0.5


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: spread(0, SHAPE), ValueError, "n=0"),
        (lambda: spread(5, SHAPE, pool=4), ValueError, "pool=4: expected at least 5"),
        (lambda: click_voronoi(draw(2, SHAPE, 0), [[(0.5, 0.5)]], 3), ValueError, "1 lists of spots for 2"),
        (lambda: click_voronoi(draw(2, SHAPE, 0), [[], []], 3), ValueError, "at least one click"),
        (lambda: click_voronoi(draw(1, SHAPE, 0), [[(0.5, 1.2)]], 3), ValueError, "1.2"),
        (lambda: mutate(draw(1, SHAPE, 0)[0], picked=-1), ValueError, "picked=-1"),
    ],
)
def test_refusals(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
