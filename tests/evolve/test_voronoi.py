"""Voronoi crossover: partition, whole columns, statistics, determinism (T1-T6, T10, T11 of its theory)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import voronoi_crossover
from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.evolve.voronoi import nearest_site

SHAPE = (4, 16, 16)


@given(
    m=st.integers(1, 5),
    extra=st.integers(0, 20),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    channels=st.integers(1, 5),
    seed=st.integers(0, 2**32),
    fresh=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)
def test_every_column_is_one_parents_or_fresh(m, extra, height, width, channels, seed, fresh):
    parents = draw(m, (channels, height, width), seed)
    cells = m + extra
    children, owners = voronoi_crossover(parents, 3, cells=cells, fresh=fresh, seed=seed)
    assert owners.min() >= FRESH
    assert owners.max() < m
    for child, owner in zip(children, owners, strict=True):
        for k in range(m):
            assert torch.equal(child[:, owner == k], parents[k][:, owner == k])
        if fresh == 0:
            assert not (owner == FRESH).any()
            if cells <= height * width:
                assert len(owner.unique()) == m  # every parent owns a pixel
        assert torch.isfinite(child).all()


def test_a_crowded_plane_still_shows_every_parent():
    parents = draw(16, (4, 4, 4), 0)
    _, owners = voronoi_crossover(parents, 5, cells=16, fresh=0)
    assert all(len(owner.unique()) == 16 for owner in owners)


def test_nearest_site_is_a_partition_with_ties_to_the_lowest():
    sites = np.array([[2.0, 1.0], [2.0, 3.0]])
    owner = nearest_site(sites, (5, 5))
    assert (owner[:, 2] == 0).all()  # the middle column is equally near to both
    rng = np.random.default_rng(0)
    sites = rng.random((7, 2)) * 16
    owner = nearest_site(sites, (16, 16))
    for y in range(16):
        for x in range(16):
            distances = ((sites - (y, x)) ** 2).sum(1)
            assert distances[owner[y, x]] == distances.min()


def test_degenerate_cases():
    parents = draw(3, SHAPE, 1)
    one, _ = voronoi_crossover(parents[:1], 2, fresh=0)
    assert torch.equal(one[0], parents[0])
    copy, owners = voronoi_crossover(parents, 4, cells=1, fresh=0)
    assert (owners == 0).all()
    assert torch.equal(copy[2], parents[0])
    alike, _ = voronoi_crossover(parents[:1].expand(3, -1, -1, -1), 2, fresh=0)
    assert torch.equal(alike, parents[:1].expand(2, -1, -1, -1))
    one_place = np.array([[3.0, 3.0], [3.0, 3.0], [9.0, 9.0]])
    assert set(np.unique(nearest_site(one_place, (16, 16)))) == {0, 2}  # the later cell is empty
    many, _ = voronoi_crossover(parents, 1, cells=1000, fresh=0)
    assert many.shape == (1, *SHAPE)
    _, owners = voronoi_crossover(parents[:1], 6)
    assert all((owner == FRESH).any() for owner in owners)  # by default a lone parent never gets plain copies


def test_labels_are_shared_out_evenly():
    """With the literal rule every parent owns two cells of six: a third of the plane, on average.

    Standard deviation of a share is .106 at m = 3, k = 6 on 64×64: three standard errors over 400 children are .016.
    """
    _, owners = voronoi_crossover(draw(3, (1, 64, 64), 0), 400, cells=6, fresh=0)
    for k in range(3):
        share = (owners == k).float().mean(dim=(1, 2))
        assert abs(share.mean().item() - 1 / 3) < 0.016
        assert 0.08 < share.std().item() < 0.13


@pytest.mark.parametrize("cells", [6, 12, 24])
def test_siblings_share_a_third_and_a_child_its_parents_part(cells):
    """Three independent parents: known cosines are .34 to .35, and depend on each other from pair to pair."""
    parents = draw(3, (4, 64, 64), 0)
    children, owners = voronoi_crossover(parents, 40, cells=cells, fresh=0)
    rows, elders = (torch.nn.functional.normalize(x.flatten(1), dim=1) for x in (children, parents))
    cosines = (rows @ rows.T)[~torch.eye(40, dtype=torch.bool)]
    assert abs(cosines.mean().item() - 1 / 3) < 0.03
    shares = torch.stack([(owners == k).float().mean(dim=(1, 2)) for k in range(3)], dim=1)
    assert (rows @ elders.T - shares).abs().max() < 0.05  # 1/√16,384 is .008


def test_children_of_normal_parents_are_normal():
    """Independent parents for every child, so that the draws are independent: 200 × 1,024 values."""
    rows = [voronoi_crossover(draw(3, SHAPE, i), 1, seed=i)[0][0] for i in range(200)]
    values = torch.stack(rows).flatten().numpy()
    assert stats.kstest(values, "norm").pvalue > 0.01
    assert abs(values.var() - 1) < 3 * (2 / len(values)) ** 0.5
    mean = torch.stack([draw(3, SHAPE, i).mean(0) for i in range(200)]).flatten().numpy()
    assert stats.kstest(mean, "norm").pvalue < 1e-9  # the control: averaging is not


def test_seams_do_not_show():
    """Neighbouring pixels stay uncorrelated: three standard errors of 1/√n."""
    children, _ = voronoi_crossover(draw(3, (4, 64, 64), 0), 1, seed=1)
    for axis in (1, 2, 3):
        a, b = (
            children.narrow(axis, 0, children.shape[axis] - 1),
            children.narrow(axis, 1, children.shape[axis] - 1),
        )
        assert abs((a * b).mean().item()) < 3 / a.numel() ** 0.5


def test_child_depends_on_seed_and_index_only():
    parents = draw(3, SHAPE, 0)
    many, owners = voronoi_crossover(parents, 8, seed=4)
    few, few_owners = voronoi_crossover(parents, 3, seed=4)
    assert torch.equal(many[:3], few)
    assert torch.equal(owners[:3], few_owners)
    assert not torch.equal(many, voronoi_crossover(parents, 8, seed=5)[0])
    assert len({owner.numpy().tobytes() for owner in owners}) == 8  # sites of their own


def test_fresh_noise_is_not_the_initial_noise_of_the_same_seed():
    parents = draw(3, SHAPE, 7)
    children, owners = voronoi_crossover(parents, 3, fresh=1, seed=7)
    assert (owners == FRESH).all()
    assert (children == parents).float().mean() < 0.01  # fp16 values do coincide now and then


def test_global_random_state_is_left_alone():
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002 - it is the legacy state that must stay untouched
    before = (torch.get_rng_state(), np.random.get_state()[1].copy())  # noqa: NPY002
    voronoi_crossover(draw(2, SHAPE, 0), 3)
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == np.random.get_state()[1]).all()  # noqa: NPY002


def test_wider_latents_stay_wide():
    children, _ = voronoi_crossover(draw(2, SHAPE, 0).double(), 2)
    assert children.dtype == torch.float64


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda p: voronoi_crossover([], 3), "at least one latent"),
        (lambda p: voronoi_crossover(p, 0), "n=0"),
        (lambda p: voronoi_crossover(p, 2, cells=0), "cells=0"),
        (lambda p: voronoi_crossover(p, 2, fresh=1.5), "fresh=1.5: expected a share"),
        (lambda p: voronoi_crossover(p, 2, fresh=-0.1), "fresh=-0.1"),
        (lambda p: voronoi_crossover([p[0], p[0, :, :8]], 2), "different shapes"),
        (lambda p: voronoi_crossover(p * float("nan"), 2), "NaN"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(ValueError, match=says):
        call(draw(3, SHAPE, 0))
