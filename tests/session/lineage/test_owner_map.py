"""The owner map of a child: which parent each part of its latent came from."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from guidewidgets.session import Session
from guidewidgets.session.lineage.owner_map import SHARED, origins, parents, shares
from guidewidgets.session.lineage.words import noise


def test_a_recombination_is_made_of_its_parents(made):
    child = made.recombine({3: [(0.1, 0.5)], 7: [(0.9, 0.5)]}, n=1).wait(60)[0]
    owners = made.owners(child.id)
    assert owners.shape == child.genome.latent.shape[1:]
    assert set(np.unique(owners)) == {3, 7}
    assert (owners[:, 0] == 3).all()
    assert (owners[:, -1] == 7).all()


def test_crossover_says_what_is_fresh(made):
    child = made.cross([1, 2, 5], n=1, cells=40, fresh=0.3).wait(60)[0]
    owners = made.owners(child.id)
    assert set(np.unique(owners)) == {-1, 1, 2, 5}
    for number in (1, 2, 5):
        mine = torch.from_numpy(owners == number)
        assert torch.equal(child.genome.latent[:, mine], made[number].genome.latent[:, mine])


def test_a_mutation_owns_its_spot(made):
    child = made.mutate(4, at=[(0.5, 0.5)], radius=0.2, n=1).wait(60)[0]
    owners = made.owners(child.id)
    assert owners[4, 4] == -1
    assert owners[0, 0] == 4


def test_parents_that_agree_count_for_the_first_named(made):
    twin = made.render([4], guidance=2.0).wait(60)[0]
    child = made.cross([twin.id, 4], n=1, fresh=0.0).wait(60)[0]
    assert set(np.unique(made.owners(child.id))) == {twin.id}


def test_what_parents_have_in_common_is_no_single_ones_and_shares_add_up(made):
    """Of a child of a picture and of that picture's own child, most is in both."""
    one = made.mutate(4, at=[(0.2, 0.5)], radius=0.3, n=1).wait(60)[0]
    child = made.cross([4, one.id], n=1, cells=9, fresh=0.2).wait(60)[0]
    found, first = origins(child, made.__getitem__), made.owners(child.id)
    both = (child.genome.latent == made[4].genome.latent).all(0) & (
        child.genome.latent == one.genome.latent
    ).all(0)
    assert ((found == SHARED) == both.numpy()).all()
    assert (found[found != SHARED] == first[found != SHARED]).all()
    percent = shares(child, made.__getitem__)
    assert sum(percent.values()) == 100
    assert percent[SHARED] == pytest.approx(100 * both.double().mean(), abs=1)
    said = noise(child, made.__getitem__)
    assert (
        f" {percent[4]} % is from 4, {percent[one.id]} % is from {one.id}, {percent[SHARED]} % is in both"
        in said
    )


def test_thirds_add_up_to_a_hundred(made):
    children = made.cross([1, 2, 5], n=8, fresh=0.0).wait(60)
    assert [sum(shares(child, made.__getitem__).values()) for child in children] == [100] * 8


def test_without_parents_there_is_no_sentence(made):
    assert noise(made[4], made.__getitem__) == ""
    assert noise(made.mutate(4, n=1).wait(60)[0], made.__getitem__) == ""  # all of it was turned


def test_without_parents_it_says_so(made):
    with pytest.raises(ValueError, match="candidate 4 has no parents: it was made by sample"):
        made.owners(4)
    with pytest.raises(IndexError):
        made.owners(999)


def test_parents_are_told_by_their_content_not_by_their_number(made, engine):
    """A picture that is taken in from another session keeps the numbers its parents had there."""
    child = made.recombine({3: [(0.1, 0.5)], 7: [(0.9, 0.5)]}, n=1).wait(60)[0]
    other = Session("a cat", model=engine, seed=5)
    other.set(steps=2)
    other.sample(12).wait(60)
    with pytest.raises(ValueError, match="comes from another session"):
        parents(child, other.__getitem__)
    assert [parent.id for parent in parents(child, made.__getitem__)] == [3, 7]
