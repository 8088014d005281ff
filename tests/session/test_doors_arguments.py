"""Doors take whole numbers, lists and arrays of any library; what is none is refused in one line."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tiny
import torch
from PIL import Image
from stored import SECONDS, same_again

from guidewidgets import ClipImage, MeanColour, Region
from guidewidgets.session import Session


@pytest.mark.parametrize(
    "whole", [np.int64, np.uint8, np.array, torch.tensor], ids=["int64", "uint8", "array", "tensor"]
)
def test_any_whole_number_at_every_door(engine, whole):
    session = Session("a cat", model=engine, seed=whole(3))
    session.set(steps=whole(1), size=(whole(16), whole(16)))
    assert session.seed == 3
    (a, _) = session.sample(whole(2), seed=whole(3)).wait(SECONDS)
    assert a.genome.latent.equal(engine.noise(2, 3)[0])
    session.star(whole(0), whole(1))
    session.mutate(whole(1), n=whole(1), picked=whole(2), seed=whole(4)).wait(SECONDS)
    session.mutate(whole(1), [(0.5, 0.5)], n=whole(1), limit=whole(5)).wait(SECONDS)
    session.cross([whole(0), whole(1)], whole(1), cells=whole(4), elites=whole(0), seed=whole(4)).wait(
        SECONDS
    )
    key = int if whole is np.array else whole  # an array is no key
    session.recombine({key(0): [(0.2, 0.5)], key(1): [(0.8, 0.5)]}, whole(1)).wait(SECONDS)
    session.blend([whole(0), whole(1)], whole(1)).wait(SECONDS)
    session.suggest(whole(1), pool=whole(1)).wait(SECONDS)
    session.render([whole(0)]).wait(SECONDS)
    session.prefer(whole(0), over=whole(1))
    session.reject(whole(2))
    assert session[whole(2)].rejected
    code = session.code()
    assert "cannot be written down" not in code
    again = same_again(session)
    scope: dict = {}
    source = code.replace("model=model", "model=engine")
    exec(source, {"engine": engine}, scope)  # noqa: S102 - ours
    assert [c.hash for g in scope["s"].history for c in g] == [c.hash for g in again.history for c in g]


@pytest.mark.parametrize("whole", [np.int64, torch.tensor], ids=["int64", "tensor"])
def test_optimisations_take_any_number(engine, whole):
    session = Session("a cat", model=engine, seed=3)
    session.set(steps=1)
    session.sample(1).wait(SECONDS)
    red = MeanColour((1, 0, 0))
    changes = {1: {"lr": np.float32(0.125)}}
    job = session.optimize(whole(0), red, steps=whole(2), keep="last", lr=np.float32(0.25), changes=changes)
    job.wait(SECONDS)
    job.accept(whole(1)).wait(SECONDS)
    photo = Image.new("RGB", (20, 20))
    session.edit(photo, red, steps=whole(1), sampling_steps=whole(2), size=np.array([16, 16])).wait(SECONDS)
    assert "cannot be written down" not in session.code()
    same_again(session)
    pair = engine.invert(torch.rand(1, 3, 16, 16), steps=whole(2))
    assert type(pair.steps) is int


def noise(side):
    """A picture that no compression makes smaller."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: s.optimize(0, MeanColour((1, 0, 0)), steps=1, lr=1e300), "lr=1e.300: expected at most"),
        (lambda s: s.optimize(0, MeanColour((1, 0, 0)), steps=1, lr=math.inf), "lr=inf"),
        (
            lambda s: s.edit(Image.new("RGB", (20, 20)), MeanColour((1, 0, 0)), guidance=2e9),
            "guidance=2000000000.0: expected at most",
        ),
        (
            lambda s: s.optimize(0, ClipImage(noise(2400)), steps=1),
            "what is to be kept at once has .* characters",
        ),
    ],
    ids=range(4),
)
def test_limits_of_optimisations(begun, call, says, words, monkeypatch):
    monkeypatch.setattr(begun.engine, "encoder", tiny.clip(words))
    with pytest.raises(ValueError, match=says) as caught:
        call(begun)
    assert len(str(caught.value).splitlines()) == 1
    same_again(begun)


def test_engine_and_operators_take_any_whole_number(engine):
    from guidewidgets import evolve

    x = engine.noise(np.int64(2), np.int64(5), np.array([16, 16]))
    assert x.equal(engine.noise(2, 5))
    one, other = np.int64(1), torch.tensor(5)
    assert (
        engine.genomes(x, "a cat OR a dog", seed=other)[0].hash
        == engine.genomes(x, "a cat OR a dog", seed=5)[0].hash
    )
    assert evolve.blend(x, one, other)[0].equal(evolve.blend(x, 1, 5)[0])
    assert evolve.voronoi_crossover(x, one, seed=other)[0].equal(evolve.voronoi_crossover(x, 1, seed=5)[0])
    assert evolve.mutate(x[0], one, seed=other)[0].equal(evolve.mutate(x[0], 1, seed=5)[0])
    spots = np.array([[0.2, 0.5]])
    assert evolve.recombine(x, [spots, spots], one, other)[0].equal(
        evolve.recombine(x, [[(0.2, 0.5)]] * 2, 1, 5)[0]
    )
    for call in (evolve.blend, evolve.voronoi_crossover):
        with pytest.raises(TypeError, match=r"n=1\.0: expected a whole number"):
            call(x, 1.0)
    with pytest.raises(TypeError, match="seed='1': expected a whole number"):
        engine.genomes(x, "a cat", seed="1")


@pytest.mark.parametrize(
    "several",
    [
        lambda *n: [list(n)],
        lambda *n: [np.array(n)],
        lambda *n: [torch.tensor(n)],
        lambda *n: n,
        lambda *n: np.array(n),
    ],
    ids=["list", "array", "tensor", "one by one", "argsort"],
)
def test_marks_take_lists_and_arrays(begun, several):
    begun.unmark(*several(1, 4))
    begun.star(*several(0, 1))
    assert [c.id for c in begun.history[0].starred] == [0, 1]
    begun.reject(*several(0, 1))
    assert all(begun[i].rejected for i in (0, 1))
    same_again(begun)


def test_stars_of_the_best_by_argsort(begun):
    scores = np.array([3.0, 1.0, 2.0, 9.0, 8.0, 7.0])
    begun.unmark(1, 4)
    begun.star(*np.argsort(scores)[:3])
    begun.star([])
    assert [c.id for c in begun.history[0].starred] == [0, 1, 2]
    with pytest.raises(TypeError, match=r"candidate 1\.0: expected a whole number"):
        begun.star([1.0])


@pytest.mark.parametrize(
    "many", [np.array, torch.tensor, list, tuple, lambda x: [np.array(p) for p in x]], ids=range(5)
)
def test_points_and_parents_as_arrays(begun, engine, many):
    spots, numbers = [[0.25, 0.75], [0.5, 0.5]], many([1, 4])
    usual = begun.mutate(1, at=[(0.25, 0.75), (0.5, 0.5)], n=1, seed=7).wait(SECONDS)[0]
    assert begun.mutate(1, at=many(spots), n=1, seed=7).wait(SECONDS)[0].hash == usual.hash
    assert Region.points(many(spots), 0.1) == Region.points([(0.25, 0.75), (0.5, 0.5)], 0.1)
    begun.star(1, at=many(spots))
    assert begun[1].marks.points == ((0.25, 0.75), (0.5, 0.5))
    begun.cross(numbers, n=1).wait(SECONDS)
    begun.cross(numbers, n=1, sites={1: many(spots)}).wait(SECONDS)
    begun.recombine({1: many(spots), 4: many(spots)}, n=1).wait(SECONDS)
    begun.blend(numbers, n=1).wait(SECONDS)
    begun.mix(numbers, many([[0.25, 0.75]]), guidances=many([3.0])).wait(SECONDS)
    begun.render(numbers).wait(SECONDS)
    assert "cannot be written down" not in begun.code()
    same_again(begun)


@pytest.mark.parametrize(
    "one", [(0.25, 0.75), [0.25, 0.75], np.array([0.25, 0.75]), torch.tensor([0.25, 0.75])]
)
def test_one_spot_needs_no_list(begun, one):
    usual = begun.mutate(1, at=[(0.25, 0.75)], n=1, seed=7).wait(SECONDS)[0]
    assert begun.mutate(1, at=one, n=1, seed=7).wait(SECONDS)[0].hash == usual.hash
    begun.star(1, at=one)
    assert begun[1].marks.points == ((0.25, 0.75),)
    usual = begun.cross([1, 4], n=1, seed=7, sites={1: [(0.25, 0.75)]}).wait(SECONDS)[0]
    assert begun.cross([1, 4], n=1, seed=7, sites={1: one}).wait(SECONDS)[0].hash == usual.hash
    usual = begun.recombine({1: [(0.25, 0.75)], 4: [(0.5, 0.5)]}, n=1, seed=7).wait(SECONDS)[0]
    assert begun.recombine({1: one, 4: (0.5, 0.5)}, n=1, seed=7).wait(SECONDS)[0].hash == usual.hash
    same_again(begun)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: s.mutate(0, at=(0.5,)), r"at=\(0.5,\): 0.5 is no point; expected points \(x, y\)"),
        (lambda s: s.mutate(0, at=0.5), r"at=0.5: expected points \(x, y\), as in"),
        (lambda s: s.star(0, at=[(0.5, 0.5, 0.5)]), "is no point"),
        (lambda s: s.star(0, at="ab"), "at='ab': expected points"),
        (lambda s: s.recombine({0: (0.5, 0.5, 0.5), 1: [(0.5, 0.5)]}), "0.5 is no point"),
        (lambda s: s.mutate(0, at=(0.5, "left")), "0.5 is no point"),
        (lambda s: s.star(0, at=(0.5, 1.5)), r"y is 1.5, outside \[0, 1\]"),
        (lambda s: s.mutate(0, at=[(0.5, 1.5)]), r"y is 1.5, outside \[0, 1\]"),
        (lambda s: s.mutate(0, at=[(0.5, math.nan)]), "y is nan"),
    ],
    ids=range(9),
)
def test_what_is_no_point(begun, call, says):
    with pytest.raises((ValueError, TypeError), match=says) as caught:
        call(begun)
    assert len(str(caught.value).splitlines()) == 1


def test_the_same_seed_under_other_settings_is_no_job_that_was_resumed(begun, engine):
    begun.sample(1, seed=3).wait(SECONDS)
    begun.set(guidance=2)
    begun.sample(1, seed=3).wait(SECONDS)
    begun.mutate(7, n=1, seed=4).wait(SECONDS)
    scope: dict = {}
    exec(begun.code().replace("model=model", "model=engine"), {"engine": engine}, scope)  # noqa: S102 - ours
    assert [c.hash for g in scope["s"].history for c in g] == [c.hash for g in begun.history for c in g]
