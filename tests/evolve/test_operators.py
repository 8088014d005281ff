"""Mutation, blending and recombination as pure functions (T7-T9, and what recombine promises)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import blend, mutate, mutate_at, recombine
from guidewidgets.evolve.blend import on_sphere, slerp
from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.evolve.recombine import KEEP
from guidewidgets.region import Region

SHAPE = (4, 16, 16)
BIG = (4, 64, 64)
spots = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4)


def cosine(a, b):
    return torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0).item()


# Mutation


@given(points=spots, radius=st.floats(0.01, 1), height=st.integers(1, 20), width=st.integers(1, 20))
def test_outside_the_discs_nothing_changes(points, radius, height, width):
    parent = draw(1, (4, height, width), 0)[0]
    children, mask = mutate_at(parent, points, radius, n=2, seed=3)
    assert mask.any()
    for child in children:
        assert torch.equal(child[:, ~mask], parent[:, ~mask])
        assert not torch.equal(child[:, mask], parent[:, mask])


@pytest.mark.parametrize(
    ("point", "pixel"),
    [((0.0, 0.0), (0, 0)), ((1.0, 1.0), (-1, -1)), ((1.0, 0.0), (0, -1)), ((0.5, 0.0), (0, 10))],
)
def test_corners_of_a_wide_latent(point, pixel):
    """A tiny disc changes the one pixel under the click; x runs along the width."""
    _, mask = mutate_at(draw(1, (4, 8, 20), 0)[0], [point], 0.01, n=1)
    assert mask[pixel]
    assert mask.sum() <= 4


def test_disc_area_and_statistics():
    """r = 8 of 64: 197 pixels of 4,096; new noise inside is standard normal (KS over 200 × 788 values)."""
    parent = draw(1, BIG, 1)[0]
    children, mask = mutate_at(parent, [(0.5, 0.5)], 8 / 64, n=200)
    assert 190 <= mask.sum() <= 208
    values = children[:, :, mask].flatten().numpy()
    assert stats.kstest(values, "norm").pvalue > 0.01


def test_partial_strength_keeps_the_variance():
    parents = draw(60, SHAPE, 5)
    inside = []
    for i, parent in enumerate(parents):
        children, mask = mutate_at(parent, [(0.5, 0.5)], 0.4, n=1, strength=0.5, seed=i)
        inside.append(children[0][:, mask])
        assert abs(cosine(inside[-1], parent[:, mask]) - math.cos(math.pi / 4)) < 0.15
    values = torch.cat([v.flatten() for v in inside])
    assert abs(values.var().item() - 1) < 3 * (2 / len(values)) ** 0.5


def test_a_region_in_place_of_points():
    box = Region.box(0.0, 0.0, 0.5, 1.0)
    _, mask = mutate_at(draw(1, SHAPE, 0)[0], box, n=1)
    assert mask[:, :8].all()
    assert not mask[:, 8:].any()


def test_global_mutation_is_a_ladder_of_cosines():
    parent = draw(1, BIG, 2)[0]
    children, cosines = mutate(parent, 6)
    assert (np.diff(cosines) < 0).all()
    for child, expected in zip(children, cosines, strict=True):
        assert abs(cosine(child, parent) - expected) < 3 / math.sqrt(parent.numel())
        assert abs(child.var().item() - 1) < 0.05
    same, flat = mutate(parent, 3, strength=0.2)
    assert len(set(flat.tolist())) == 1
    assert not torch.equal(same[0], same[1])


# Blending


def test_slerp_ends_and_middle():
    a, b = draw(2, BIG, 3)
    assert torch.allclose(slerp(a, b, 0.0), a, atol=1e-6)
    assert torch.allclose(slerp(a, b, 1.0), b, atol=1e-6)
    middle = slerp(a, b, 0.5)
    assert abs(middle.std().item() - 1) < 0.02
    assert abs(cosine(a, middle) - cosine(b, middle)) < 1e-4
    assert abs(cosine(a, middle) - math.sqrt(0.5 * (1 + cosine(a, b)))) < 1e-4
    assert torch.allclose(slerp(a, a, 0.3), a)


@pytest.mark.parametrize("m", [2, 3, 6])
def test_blends_keep_the_spread_that_means_lose(m):
    parents = draw(m, BIG, 4)
    children, weights = blend(parents, 10, seed=1)
    assert torch.allclose(weights.sum(1), torch.ones(10, dtype=torch.float64))
    for child in children:
        assert abs(child.std().item() - 1) < 0.02
    assert abs(parents.mean(0).std().item() - 1 / math.sqrt(m)) < 0.02  # the control


def test_blends_of_three_lean_to_the_heavier_parent():
    parents = draw(3, BIG, 5)
    children, weights = blend(parents, 20, seed=2)
    for child, row in zip(children, weights, strict=True):
        assert int(torch.argmax(row)) == int(np.argmax([cosine(child, p) for p in parents]))


def test_weights_that_cancel_are_refused():
    parents = draw(1, SHAPE, 0).repeat(2, 1, 1, 1)
    with pytest.raises(ValueError, match="cancel"):
        on_sphere(parents, torch.tensor([[1.0, -1.0]]))


# Recombination


@given(left=spots, right=spots, seed=st.integers(0, 1000))
def test_clicked_surroundings_come_from_the_clicked_image(left, right, seed):
    parents = draw(2, SHAPE, 6)
    children, owners = recombine(parents, [left, right], 4, seed)
    masks = [torch.from_numpy(Region.points(pick, KEEP).mask(16, 16)) for pick in (left, right)]
    assert (owners[0] != FRESH).all()  # child 0 is the nearest-click map alone
    for child, owner in zip(children, owners, strict=True):
        for k, parent in enumerate(parents):
            assert torch.equal(child[:, owner == k], parent[:, owner == k])
            assert (owner[masks[k] & ~masks[1 - k]] == k).all()
        assert set(owner[masks[0] & masks[1]].tolist()) <= {0, 1}


def test_child_zero_is_the_nearest_click_map():
    _, owners = recombine(draw(2, SHAPE, 0), [[(0.0, 0.5)], [(1.0, 0.5)]], 3)
    assert (owners[0][:, :8] == 0).all()
    assert (owners[0][:, 8:] == 1).all()
    assert not torch.equal(owners[1], owners[2])
    assert (owners[1:] == FRESH).any()


def test_a_painted_region_comes_whole_from_its_image():
    painted = np.zeros((16, 16), bool)
    painted[3:9, 4:7] = True
    parents = draw(2, SHAPE, 1)
    children, owners = recombine(parents, [Region.bitmap(painted), [(0.9, 0.9)]], 6, seed=2)
    for child, owner in zip(children, owners, strict=True):
        assert (owner[3:9, 4:7] == 0).all()
        assert torch.equal(child[:, 3:9, 4:7], parents[0][:, 3:9, 4:7])


@pytest.mark.parametrize("operator", ["mutate_at", "mutate", "blend", "recombine"])
def test_children_depend_on_seed_and_index_only(operator):
    parents = draw(3, SHAPE, 0)
    call = {
        "mutate_at": lambda n, seed: mutate_at(parents[0], [(0.5, 0.5)], n=n, seed=seed)[0],
        "mutate": lambda n, seed: mutate(parents[0], n, 0.3, seed)[0],
        "blend": lambda n, seed: blend(parents, n, seed)[0],
        "recombine": lambda n, seed: recombine(parents, [[(0.1, 0.1)], [(0.9, 0.1)], [(0.5, 0.9)]], n, seed)[
            0
        ],
    }[operator]
    assert torch.equal(call(5, 7)[:3], call(3, 7))
    assert not torch.equal(call(5, 7), call(5, 8))


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda p: mutate_at(p[0], [(1.2, 0.5)]), ValueError, "1.2"),
        (lambda p: mutate_at(p[0], []), ValueError, "got 0"),
        (lambda p: mutate_at(p[0], [(0.5, 0.5)], 0), ValueError, "radius=0: expected above 0 and at most 1"),
        (lambda p: mutate_at(p[0], [(0.5, 0.5)], 1.5), ValueError, "radius=1.5"),
        (lambda p: mutate_at(p[0], [(0.5, 0.5)], strength=0), ValueError, "strength=0"),
        (lambda p: mutate(p[0], strength=2), ValueError, "strength=2"),
        (lambda p: mutate(p[0], 0), ValueError, "n=0"),
        (lambda p: blend(p[:1]), ValueError, "at least two"),
        (lambda p: recombine(p, [[(0.5, 0.5)]]), ValueError, "1 picks for 3 parents"),
        (lambda p: recombine(p[:1], [[("a", 0.5)]]), TypeError, "'a'"),
    ],
)
def test_refusals(call, kind, says):
    with pytest.raises(kind, match=says):
        call(draw(3, SHAPE, 0))
