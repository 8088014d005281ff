"""Locks: outside the region the finished latents are the parent's own."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.engine.samplers.registry import SAMPLERS
from guidewidgets.evolve import mutate_at
from guidewidgets.genome import Anchor
from guidewidgets.region import Region


def last(steps):
    *_, step = steps
    return step.x


@pytest.fixture
def parent(engine):
    return engine.genomes(engine.noise(1, seed=1), "a cat", steps=4, guidance=4.0, sampler="ddim")[0]


def child_of(genome, region, seed, anchor):
    children, mask = mutate_at(genome.latent, region, n=1, seed=seed)
    return genome.replace(latent=children[0], anchor=anchor), mask


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_outside_the_lock_nothing_moves(engine, parent, sampler):
    parent = parent.replace(sampler=sampler)
    region = Region.box(0, 0, 0.5, 0.5)
    child, mask = child_of(parent, region, 1, Anchor(parent, region))
    free, _ = child_of(parent, region, 1, None)
    original = last(engine.sample([parent]))[0]
    locked = last(engine.sample([child]))[0]
    loose = last(engine.sample([free]))[0]
    # The parent runs beside its child, in a batch of another layout: equal to rounding.
    assert (locked[:, ~mask] - original[:, ~mask]).abs().max() < 1e-4
    assert (locked[:, mask] - original[:, mask]).abs().max() > 0.1
    assert (loose[:, ~mask] - original[:, ~mask]).abs().max() > 1e-3  # without the lock it does move


def test_children_share_a_parent_and_only_they_are_shown(engine, parent):
    region = Region.box(0, 0, 0.5, 0.5)
    children = [child_of(parent, region, i, Anchor(parent, region))[0] for i in range(3)]
    steps = list(engine.sample(children))
    assert all(step.x.shape[0] == step.denoised.shape[0] == 3 for step in steps)
    alone = torch.cat([last(engine.sample([child])) for child in children])
    assert (steps[-1].x - alone).abs().max() < 1e-4


def test_a_lock_on_a_locked_parent_holds_to_both(engine, parent):
    left, right = Region.box(0, 0, 0.5, 1), Region.box(0.5, 0, 1, 1)
    child, left_mask = child_of(parent, left, 1, Anchor(parent, left))
    grandchild, right_mask = child_of(child, right, 2, Anchor(child, right))
    assert not (left_mask & right_mask).any()
    middle = last(engine.sample([child]))[0]
    final = last(engine.sample([grandchild]))[0]
    assert (final[:, ~right_mask] - middle[:, ~right_mask]).abs().max() < 1e-4
    assert (final[:, right_mask] - middle[:, right_mask]).abs().max() > 0.1
    # Also beside its own parent and an unlocked image, in any order.
    for order in ([parent, child, grandchild], [grandchild, child, parent]):
        together = last(engine.sample(order))
        assert (together[order.index(grandchild)] - final).abs().max() < 1e-4


def test_previews_are_held_too(engine, parent):
    region = Region.box(0, 0, 0.5, 0.5)
    child, mask = child_of(parent, region, 1, Anchor(parent, region))
    for ours, theirs in zip(engine.sample([child]), engine.sample([parent]), strict=True):
        assert (ours.denoised[0][:, ~mask] - theirs.denoised[0][:, ~mask]).abs().max() < 1e-4


def test_a_parent_with_other_steps_is_refused(engine, parent):
    region = Region.box(0, 0, 0.5, 0.5)
    child, _ = child_of(parent, region, 1, Anchor(parent.replace(steps=5), region))
    with pytest.raises(ValueError, match="share sampler, steps and size"):
        next(engine.sample([child]))
