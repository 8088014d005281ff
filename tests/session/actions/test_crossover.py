"""Crossover along starred spots, favourites shown again, the ladder that anneals, well-spread batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve.mutate import ladder
from guidewidgets.session import Session


def replay(session, engine):
    """The session that its code makes."""
    names = {"model": engine}
    exec(compile(session.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    return names["s"]


def latents(session):
    return [c.genome.latent for generation in session.history for c in generation]


def same(one, other):
    for mine, theirs in zip(latents(one), latents(other), strict=True):
        assert torch.equal(mine, theirs)
    assert [c.marks for g in one.history for c in g] == [c.marks for g in other.history for c in g]


def test_stars_with_spots_are_the_sites(made, engine):
    made.star(4, at=[(0.0, 0.5)])
    made.star(7, at=[(1.0, 0.5)])
    children = made.cross(n=3).wait(60)
    assert children[0].recipe.parameters["sites"] == [[[0.0, 0.5]], [[1.0, 0.5]]]
    owners = made.owners(children[0].id)
    assert (owners[:, :4] == 4).all()
    assert (owners[:, 4:] == 7).all()
    same(replay(made, engine), made)


def test_a_star_as_a_whole_takes_its_spots_along_until_it_is_cleared(made):
    made.star(4, at=[(0.2, 0.3)])
    made.star(4)
    assert made[4].marks.points == ((0.2, 0.3),)
    made.unmark(4)
    assert made[4].marks.points == ()
    made.undo()
    assert made[4].marks.points == ((0.2, 0.3),)


def test_cells_that_are_asked_for_win_over_spots(made):
    made.star(4, 7, at=[(0.2, 0.3)])
    assert "cells" in made.cross(n=1, cells=6, fresh=0).wait(60)[0].recipe.parameters
    assert "cells" in made.cross(n=1, sites={}).wait(60)[0].recipe.parameters
    assert "sites" in made.cross([4, 2], n=1).wait(60)[0].recipe.parameters


def test_favourites_are_shown_again(made, engine):
    made.star(1, 2, 3)
    children = made.cross(n=6, elites=3).wait(60)
    for parent, again in zip((1, 2, 3), children[:3], strict=True):
        assert again.hash == made[parent].hash
        assert again.recipe.parent_ids == (parent,)
        # Another batch layout: at most one level of 255.
        assert np.abs(np.asarray(again.image, int) - np.asarray(made[parent].image, int)).max() <= 1
    assert all(c.recipe.parent_ids == (1, 2, 3) for c in children[3:])
    same(replay(made, engine), made)


def test_one_favourite_varied_again_and_again(made, engine):
    cosines = []
    favourite = 5
    for _ in range(3):
        children = made.mutate(favourite, n=3).wait(60)
        cosines.append([c.recipe.parameters["cosine"] for c in children])
        favourite = children[0].id
    for k, row in enumerate(cosines):
        assert row[-1] == pytest.approx(np.cos(ladder(k)[1]))
    made.sample(1).wait(60)  # somebody looked elsewhere: the ladder is long again
    assert made.mutate(2, n=2).wait(60)[-1].recipe.parameters["cosine"] == pytest.approx(np.cos(1.2))
    same(replay(made, engine), made)


def test_a_spread_batch_is_made_of_ordinary_draws(session, engine):
    session.set(steps=1)
    batch = session.sample(5, spread=True).wait(60)
    for c in batch:
        assert torch.equal(
            c.genome.latent,
            draw(c.recipe.parameters["index"] + 1, engine.latent_shape, c.recipe.seed)[-1],
        )
    same(replay(session, engine), session)


def test_spots_outlive_the_process(engine, tmp_path):
    session = Session("a fox", model=engine, store=tmp_path / "s")
    session.sample(2, steps=1).wait(60)
    session.star(1, at=[(0.25, 0.75)])
    session.close()
    again = Session.open(tmp_path / "s", model=engine)
    assert again[1].marks.points == ((0.25, 0.75),)
    assert again.cross(n=1, steps=1).wait(60)[0].recipe.parameters["sites"] == [[[0.25, 0.75]]]
    again.close()


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda s: s.star(4, at=[(0.5, 1.5)]), ValueError, "1.5"),
        (lambda s: s.star(4, at=[]), ValueError, "got 0"),
        (lambda s: s.cross([1, 2], sites={9: [(0.5, 0.5)]}), ValueError, r"sites of 9, which is none of"),
        (lambda s: s.cross([1, 2], sites={1: [(0.5, 1.5)]}), ValueError, "1.5"),
        (lambda s: s.cross([1, 2], n=6, elites=3), ValueError, "elites=3: expected at most the 2 parents"),
        (lambda s: s.cross([1, 2], n=2, elites=2), ValueError, "fewer than n=2"),
        (lambda s: s.cross([1, 2], elites=-1), ValueError, "elites=-1"),
        (lambda s: s.mutate(1, picked=-1), ValueError, "picked=-1"),
    ],
)
def test_refused_and_nothing_is_lost(made, call, kind, says):
    with pytest.raises(kind, match=says):
        call(made)
    assert len(made.history) == 1
    assert made.view().jobs == ()
    assert not made[4].starred
