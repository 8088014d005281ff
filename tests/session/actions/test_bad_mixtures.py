"""What does not go together is refused with a clear line, and nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest

from guidewidgets import Region
from guidewidgets.session.candidate import Candidate


@pytest.fixture
def foreign(made, tmp_path):
    """A candidate of another model, taken in from a file that says so."""
    made[3].save(tmp_path / "a.png")
    stranger = Candidate.load(tmp_path / "a.png")
    genome = stranger.genome.replace(model="other/model", revision="0" * 16)
    other = Candidate(
        max(made._state.candidates) + 1, genome, stranger.recipe, stranger.image, filtered=False
    )
    made._state.candidates[other.id] = other
    return other


@pytest.mark.parametrize(
    "call",
    [
        lambda s, i: s.recombine({1: [(0.2, 0.5)], i: [(0.8, 0.5)]}),
        lambda s, i: s.cross([1, i]),
        lambda s, i: s.blend([1, i]),
        lambda s, i: s.mix([1, i], [[1, 1]]),
        lambda s, i: s.suggest(3, [1, i]),
        lambda s, i: s.optimizer("CMA", [1, i]),
    ],
)
def test_parents_of_another_model(made, foreign, call):
    with pytest.raises(ValueError, match=f"candidate {foreign.id} was made by other/model"):
        call(made, foreign.id)
    assert made.view().jobs == ()
    assert len(made.history) == 1


def test_a_region_without_a_pixel(made):
    with pytest.raises(ValueError, match="nothing is painted"):
        made.recombine({1: Region.bitmap(np.zeros((8, 8), bool)), 2: [(0.5, 0.5)]})
    with pytest.raises(ValueError, match="nothing is painted"):
        made.mutate(1, at=Region.bitmap(np.zeros((8, 8), bool)))
    assert len(made.history) == 1


def test_sizes_that_differ_name_both(made):
    made.sample(1, size=(24, 16), steps=1).wait(60)
    for call in (lambda: made.recombine({0: [(0.5, 0.5)], 12: [(0.5, 0.5)]}), lambda: made.blend([0, 12])):
        with pytest.raises(ValueError, match=r"candidates 0 and 12 differ in size"):
            call()


def test_stars_all_on_one(made):
    """Crossing a lone favourite makes no plain copies of it; it is said to be one parent's."""
    made.star(4)
    children = made.cross(n=4).wait(60)
    assert all(c.recipe.parent_ids == (4,) for c in children)
    assert len({c.hash for c in [*children, made[4]]}) == 5
