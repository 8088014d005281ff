"""A session learns what is liked: choices, suggestions, an honest opinion, and all of it kept as data."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from guidewidgets.evolve import voronoi_crossover
from guidewidgets.session import Session
from guidewidgets.session.preference.features import POOLED
from guidewidgets.session.storage.records import event_from_data
from guidewidgets.untrusted import SessionFileError


class MeanColour:
    """A very small encoder."""

    model = torch.nn.Linear(1, 1)

    @staticmethod
    def images(images):
        return images.mean(dim=(2, 3))


@pytest.fixture
def session(engine, monkeypatch):
    monkeypatch.setattr(engine, "encoder", MeanColour())
    return Session("a fox on a beach", model=engine, seed=0)


def redness(candidate):
    pixels = np.asarray(candidate.image, float)
    return pixels[..., 0].mean() - pixels[..., 2].mean()


def star_best(session, generation, k=3):
    session.star(*[c.id for c in sorted(generation, key=redness)[-k:]])


def learned(session, rounds=3):
    """Somebody who likes red has looked at a few batches."""
    session.set(steps=1)
    for _ in range(rounds):
        star_best(session, session.sample(8).wait(60))
    return session


def replay(session, engine):
    names = {"model": engine}
    exec(compile(session.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    return names["s"]


def test_an_opinion_is_learned_and_scored_on_what_it_had_not_seen(session):
    assert session.opinion().auc is None
    assert session.opinion().ranking == ()
    learned(session, 4)
    opinion = session.opinion()
    assert opinion.sees.startswith("encoder ")
    assert (opinion.stars, opinion.comparisons) == (12, 4 * 3 * 5)
    assert opinion.auc > 0.6
    assert opinion.used
    assert [score.batch for score in opinion.foretold] == [1, 2, 3]
    numbers, means, deviations = zip(*opinion.ranking, strict=True)
    assert set(numbers) == set(range(32))
    assert list(means) == sorted(means, reverse=True)
    assert min(deviations) > 0
    liked = [session[i] for i in numbers[:8]]
    assert np.mean([redness(c) for c in liked]) > np.mean([redness(session[i]) for i in range(32)])


def test_without_an_encoder_it_looks_at_pixels(engine):
    session = learned(Session("a fox", model=engine), 2)
    assert session.opinion().sees == POOLED
    assert len(session.opinion().ranking) == 16


def test_suggestions_are_children_the_taste_chose(session, engine):
    learned(session)
    children = session.suggest(10, pool=3).wait(60)
    guided = [c.recipe.parameters["guided"] for c in children]
    assert guided == [True] * 8 + [False] * 2
    parents = [c.id for c in session.history[2].starred]
    for child in children:
        recipe = child.recipe
        assert (recipe.operator, recipe.parent_ids) == ("suggest", tuple(parents))
        pool, _ = voronoi_crossover([session[i].genome.latent for i in parents], 30, seed=recipe.seed)
        assert torch.equal(child.genome.latent, pool[recipe.parameters["index"]])
    other = replay(session, engine)
    for mine, theirs in zip(session.history[-1], other.history[-1], strict=True):
        assert torch.equal(mine.genome.latent, theirs.genome.latent)


def test_suggestions_are_redder_than_crossings(session):
    """Means over 16 each, of the same parents."""
    learned(session, 4)
    guided = [c for c in session.suggest(20, pool=6).wait(60) if c.recipe.parameters["guided"]]
    parents = [c.id for c in session.history[3].starred]
    plain = session.cross(parents, n=32).wait(60)
    assert np.mean([redness(c) for c in guided]) > np.mean([redness(c) for c in plain])


def test_an_untested_taste_is_not_used_and_says_so(session):
    learned(session, 1)
    children = session.suggest(4).wait(60)
    assert not any(c.recipe.parameters["guided"] for c in children)
    assert "drawn blindly" in session.view().notices[-1].text


def test_of_many_suggestions_those_are_kept_that_hold_what_was_asked(session, engine):
    session.set(prompt="a cat AND a hat", steps=1)
    learned(session)
    everyone = session.suggest(4, of=4, seed=9).wait(60)
    plain = session.suggest(4, seed=9).wait(60)
    # Who is picked from are the suggestions themselves.
    assert {c.hash for c in everyone} == {c.hash for c in plain}
    least = [min(c.holds.values()) for c in everyone]
    assert least == sorted(least, reverse=True)
    assert {c.recipe.parameters["guided"] for c in everyone} == {True, False}
    best = session.suggest(2, of=4, pick=["a cat"], seed=9).wait(60)
    assert {c.hash for c in best} < {c.hash for c in everyone}
    assert [list(c.holds) for c in best] == [["a cat"]] * 2
    assert "n=2, of=4, pick=['a cat'], seed=9)" in session.code()
    again = replay(session, engine)
    assert [c.hash for c in again.history[-1]] == [c.hash for c in best]
    again.close()


def test_suggesting_can_be_cancelled_between_sketches(session):
    learned(session, 2)
    job = session.suggest(6, steps=50)
    job.cancel()
    job.wait(60)
    assert job.state in ("cancelled", "done")


def test_a_choice_is_an_event_like_any_other(session, engine):
    session.set(steps=1)
    session.sample(4).wait(60)
    session.prefer(2, over=0)
    assert session.opinion().comparisons == 1
    rank = [number for number, *_ in session.opinion().ranking]
    assert rank.index(2) < rank.index(0)
    session.undo()
    assert session.opinion().comparisons == 0
    session.redo()
    assert "s.prefer(2, over=0)" in session.code()
    assert replay(session, engine).opinion().ranking == session.opinion().ranking


def test_one_of_several_is_chosen_or_nobody_can_tell(session, engine, tmp_path):
    session.set(steps=1)
    session.sample(6).wait(60)
    session.prefer(4, over=[0, 1, 2, 3, 5])
    assert session.opinion().comparisons == 5
    assert session.opinion().ranking[0][0] == 4
    sure = {number: mean for number, mean, _ in session.opinion().ranking}
    session.prefer(None, over=[4, 0])
    doubted = {number: mean for number, mean, _ in session.opinion().ranking}
    assert abs(doubted[4] - doubted[0]) < sure[4] - sure[0]
    assert session.opinion().comparisons == 5
    assert "s.prefer(4, over=[0, 1, 2, 3, 5])" in session.code()
    assert "s.prefer(None, over=[4, 0])" in session.code()
    assert replay(session, engine).opinion().ranking == session.opinion().ranking
    session.save(tmp_path / "told.gw")
    again = Session.open(tmp_path / "told.gw", model=engine)
    assert again.opinion().ranking == session.opinion().ranking
    session.undo()
    assert {number: mean for number, mean, _ in session.opinion().ranking} == sure
    again.close()


@pytest.mark.parametrize(
    "data",
    [
        {"better": 0, "others": []},
        {"better": None, "others": [1]},
        {"better": 0, "others": [1, 0]},
        {"better": 0, "others": [1, 2, 3, 4, 5, 6, 7, 8, 9]},
        {"better": 0, "others": 1},
        {"better": 0, "others": ["1"]},
    ],
)
def test_an_odd_choice_in_a_file_is_refused(session, data):
    made = session.set(steps=1) or session.sample(10).wait(60)
    with pytest.raises(SessionFileError):
        event_from_data("chosen", data, lambda number: made[number])


def test_all_of_it_outlives_the_process_as_data(engine, tmp_path, monkeypatch):
    session = Session("a fox", model=engine, store=tmp_path / "s")
    learned(session, 3)
    session.prefer(0, over=9)
    before = session.opinion()
    session.save(tmp_path / "s.gw")
    session.close()
    again = Session.open(tmp_path / "s.gw", model=engine)
    # Nothing is looked at anew: the features were kept.
    monkeypatch.setattr(
        "guidewidgets.session.preference.features.features", lambda *_: pytest.fail("encoded again")
    )
    assert again.opinion() == before
    again.close()


@pytest.mark.parametrize(
    "odd",
    [
        {"by": 3, "features": {}},
        {"by": POOLED, "features": {"a": "???"}},
        {"by": POOLED, "features": {"a": "AAA="}},
        {"by": POOLED, "features": {"a": "fgA=", "b": "fgB+AA=="}},
        {"by": POOLED, "features": {"a": "/////w=="}},
        [],
    ],
)
def test_features_that_a_file_made_up_are_made_anew(engine, tmp_path, odd):
    session = Session("a fox", model=engine, store=tmp_path / "s")
    learned(session, 1)
    expected = session.opinion()
    session._state.journal.note(looks=json.loads(json.dumps(odd)))
    session.close()
    again = Session.open(tmp_path / "s", model=engine)
    assert again.opinion() == expected
    again.close()


def test_images_a_safety_checker_hid_are_not_disliked(session):
    learned(session, 1)
    session[1].filtered = True
    assert session.opinion().comparisons == 3 * 4 if not session[1].starred else 2 * 5


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda s: s.suggest(2, [1], of=4, pick="taste"), ValueError, "chosen by it already"),
        (lambda s: s.suggest(), ValueError, "no parents: star at least one"),
        (lambda s: s.suggest(0, [1]), ValueError, "n=0"),
        (lambda s: s.suggest(2, [99]), IndexError, "no candidate 99"),
        (lambda s: s.suggest(2, [1], pool=0), ValueError, "pool=0"),
        (lambda s: s.suggest(2, [1], blind=0), ValueError, "blind=0"),
        (lambda s: s.prefer(1, over=99), IndexError, "no candidate 99"),
        (lambda s: s.prefer(1, over=1), ValueError, "the same picture"),
        (lambda s: s.prefer(None, over=1), ValueError, "1 candidates .*expected 2 to 9"),
        (lambda s: s.prefer(0, over=range(1, 10)), ValueError, "10 candidates .*expected 2 to 9"),
        (lambda s: s.question(1), ValueError, "n=1"),
        (lambda s: s.question(10), ValueError, "n=10"),
        (lambda s: s.prefer(0, over="b"), TypeError, "whole number"),
    ],
)
def test_refused_and_nothing_is_lost(made, call, kind, says):
    with pytest.raises(kind, match=says):
        call(made)
    assert len(made.history) == 1
    assert made.view().jobs == ()


def test_stars_all_on_one_candidate(made):
    """Too little to trust, enough to go on: children of it, drawn blindly."""
    made.star(4)
    assert made.opinion().stars == 1
    children = made.suggest(3).wait(60)
    assert all(c.recipe.parent_ids == (4,) for c in children)
    assert len({c.hash for c in children}) == 3
