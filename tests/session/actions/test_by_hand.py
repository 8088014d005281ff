"""Mutate, recombine and blend, as a session's actions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from guidewidgets import Region


def test_click_mutation(made):
    children = made.mutate(4, at=[(0.25, 0.25)], radius=0.2, n=3).wait(60)
    recipe = children[0].recipe
    assert (recipe.operator, recipe.parent_ids) == ("mutate", (4,))
    mask = torch.from_numpy(Region.from_json(recipe.parameters["region"]).mask(8, 8))
    for child in children:
        assert torch.equal(child.genome.latent[:, ~mask], made[4].genome.latent[:, ~mask])
        assert not torch.equal(child.genome.latent[:, mask], made[4].genome.latent[:, mask])


def test_a_child_inherits_its_parents_settings(made):
    other = made.sample(1, prompt="a cat", guidance=2.0, steps=3).wait(60)[0]
    child = made.mutate(other.id, at=[(0.5, 0.5)], n=1).wait(60)[0]
    assert (str(child.genome.prompt), child.genome.guidance, child.genome.steps) == ("a cat", 2.0, 3)
    child = made.mutate(other.id, at=[(0.5, 0.5)], n=1, guidance=1.0).wait(60)[0]
    assert (child.genome.guidance, child.genome.steps) == (1.0, 3)


def test_a_lock_keeps_the_rest(made):
    free, locked = (
        made.mutate(4, at=[(0.0, 0.0)], radius=0.25, n=2, lock=lock, seed=3).wait(60)
        for lock in (False, True)
    )
    assert torch.equal(free[0].genome.latent, locked[0].genome.latent)
    assert locked[0].genome.anchor is not None
    before = np.asarray(made[4].image, float)

    def moved(child):  # the far corner, out of reach of the decoder's filters
        return np.abs(np.asarray(child.image, float) - before)[12:, 12:].mean()

    assert moved(locked[0]) < moved(free[0])


def test_mutating_a_locked_child_keeps_what_was_free(made):
    locked = made.mutate(4, at=[(0.0, 0.0)], radius=0.2, n=1, lock=True).wait(60)[0]
    again = made.mutate(locked.id, at=[(1.0, 1.0)], radius=0.2, n=1).wait(60)[0]
    anchor = again.genome.anchor
    assert anchor is not None
    assert anchor.genome.hash == made[4].hash
    mask = anchor.region.mask(8, 8)
    assert mask[0, 0]
    assert mask[-1, -1]
    assert not mask[0, -1]


def test_global_mutation_says_how_near(made):
    children = made.mutate(2, n=4).wait(60)
    cosines = [child.recipe.parameters["cosine"] for child in children]
    assert cosines == sorted(cosines, reverse=True)


def test_recombination_names_both(made):
    children = made.recombine({4: [(0.2, 0.5)], 7: [(0.8, 0.5)]}, n=3).wait(60)
    recipe = children[0].recipe
    assert (recipe.operator, recipe.parent_ids) == ("recombine", (4, 7))
    assert recipe.parameters["picks"] == [[[0.2, 0.5]], [[0.8, 0.5]]]
    latent = children[0].genome.latent
    assert torch.equal(latent[:, :, :4], made[4].genome.latent[:, :, :4])
    assert torch.equal(latent[:, :, 4:], made[7].genome.latent[:, :, 4:])


def test_recombination_of_painted_regions(made):
    children = made.recombine({1: Region.box(0, 0, 0.5, 0.5), 2: [(0.9, 0.9)]}, n=2).wait(60)
    for child in children:
        assert torch.equal(child.genome.latent[:, :4, :4], made[1].genome.latent[:, :4, :4])


def test_blending_near_relatives_says_that_their_blends_look_alike(made):
    def told():
        return [notice.text for notice in made.view().notices if "near relatives" in notice.text]

    mutants = [c.id for c in made.mutate(4, at=[(0.3, 0.7)], n=2).wait(60)]
    made.blend(mutants, n=1).wait(60)
    first, second = mutants
    assert len(told()) == 1
    assert told()[0].startswith(f"{first}, {second} are near relatives (their noise correlates by 0.9")
    siblings = [c.id for c in made.cross([4, 7, 9], n=2).wait(60)]
    made.blend(siblings, n=1).wait(60)  # their blends vary as those of strangers do
    made.blend([*mutants, 7], n=1).wait(60)  # and so do these, since the third is none
    assert told() == []


def test_blend(made):
    children = made.blend([4, 7], n=3).wait(60)
    assert children[1].recipe.parameters["weights"] == [0.5, 0.5]
    assert abs(children[1].genome.latent.std() - 1) < 0.2


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda s: s.mutate(99), IndexError, "no candidate 99"),
        (lambda s: s.mutate(4, at=[(1.5, 0)]), ValueError, "1.5"),
        (lambda s: s.mutate(4, at=[(0.5, 0.5)], radius=0), ValueError, "radius=0"),
        (lambda s: s.mutate(4, at=[(0.5, 0.5)], radius=2), ValueError, "radius=2"),
        (lambda s: s.mutate(4, lock=True), ValueError, "lock=True: expected spots"),
        (lambda s: s.mutate(4, at=[(0.5, 0.5)], lock=True, steps=7), ValueError, "the parent's own steps"),
        (lambda s: s.mutate(4, strength=3), ValueError, "strength=3"),
        (lambda s: s.mutate(4, n=0), ValueError, "n=0"),
        (lambda s: s.recombine([4, 7]), TypeError, "expected a dict"),
        (lambda s: s.recombine({}), ValueError, "at least one"),
        (lambda s: s.recombine({4: []}), ValueError, "got 0"),
        (lambda s: s.recombine({4: [(0.5, 2)]}), ValueError, "2"),
        (lambda s: s.blend([4]), ValueError, "at least two"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_lost(made, call, kind, says):
    with pytest.raises(kind, match=says):
        call(made)
    assert made.view().jobs == ()
    assert len(made.history) == 1
