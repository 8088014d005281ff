"""Doors: whatever is accepted is stored and read back equal; what cannot be is refused where it is set, in one line."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections import Counter

import numpy as np
import pytest
import tiny
import torch
from any_settings import PROMPTS, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from stored import SECONDS, content, told

from guidewidgets import Candidate, ClipImage, MeanColour, Prompt, Region
from guidewidgets.session import Session
from guidewidgets.settings import LIMITS


def same_again(session):
    """Close a session, open it again, and compare all there is."""
    before = told(session), [content(c) for g in session.history for c in g], session.code()
    folder, engine = session.folder, session.engine
    session.close()
    again = Session.open(folder, model=engine)
    assert (told(again), [content(c) for g in again.history for c in g], again.code()) == before
    return again


# Limits that only the reader knew


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"guidance": 2e9}, "guidance=2000000000.0: expected at most 1,000,000"),
        ({"negative": "x" * 100_001}, "negative has 100,001 characters: expected at most 100,000"),
        ({"prompt": "a " * 50_001}, "prompt has 100,002 characters: expected at most 100,000"),
        ({"prompt": Prompt("a cat").at(Region.bitmap(np.eye(1024)))}, "prompt has 174,"),
        ({"size": (16_384, 16_384)}, "size=.16384, 16384.: expected at most 33,554,432 pixels"),
        ({"sampler": "edict", "sampler_parameters": {"p": 1e300}}, "sampler_parameters's p"),
        ({"sampler": "edict", "sampler_parameters": {"p": 0}}, "p=0.0: expected a mixing weight"),
        ({"sampler": "edict", "sampler_parameters": {"eta": 1}}, "edict does not take them"),
        ({"negative": "a \ud800"}, "half a character"),
        ({"negation": "fuzzy"}, "negation='fuzzy': expected one of linear, perp, dynamic"),
    ],
    ids=lambda value: ascii(str(value))[:40],
)
def test_what_cannot_be_read_cannot_be_set(begun, changes, says):
    before = begun.view().settings
    with pytest.raises(ValueError, match=says) as caught:
        begun.set(**changes)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(ValueError, match=says):
        begun.sample(1, **changes)
    assert begun.view().settings == before
    same_again(begun)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: s.sample(1, seed=2**256 + 1), "seed=1157.*: expected at most"),
        (lambda s: s.sample(10**6 + 1, limit=None), "n=1000001: expected at most 1,000,000"),
        (lambda s: s.sample(10**5000), "n=a huge int: expected at most 1,000,000"),
        (lambda s: s.sample(1, embedding=1e300), "embedding=1e.300: expected at most 1,000"),
        (lambda s: s.sample(1, embedding=math.inf), "embedding=inf"),
        (lambda s: s.cross([0] * 10_001), "expected at most 10,000 candidate numbers"),
        (lambda s: s.star(0, at=[(0.5, 0.5)] * 4097), "1 to 4096 points"),
        (lambda s: s.mutate(0, at=[(0.5, 0.5)] * 4097, n=1), "1 to 4096 points"),
        (lambda s: s.mix([0, 1], [[1e300, 1.0]]), "weights .*expected 2 finite numbers"),
        (lambda s: s.mix([0, 1], [[1, 1]], guidances=[2e9]), "guidance=2000000000.0: expected at most"),
        (lambda s: s.mutate(10**5000), "no candidate a huge int"),
    ],
    ids=range(11),
)
def test_limits_of_jobs_and_marks(begun, call, says):
    with pytest.raises((ValueError, IndexError), match=says) as caught:
        call(begun)
    assert len(str(caught.value).splitlines()) == 1
    same_again(begun)


def test_a_session_of_too_large_a_seed_is_refused(engine):
    with pytest.raises(ValueError, match=r"seed=.*expected at most"):
        Session("a cat", model=engine, seed=2**300)


def test_the_largest_seed_comes_back(engine):
    session = Session("a cat", model=engine, seed=2**256)
    session.set(steps=1)
    session.sample(1, seed=2**256).wait(SECONDS)
    assert same_again(session)[0].recipe.seed == 2**256


# Settings checked against the model when they are set


def test_a_negative_prompt_too_long_is_refused_at_once(begun):
    with pytest.raises(
        ValueError, match=r"the negative prompt 'word word.* has \d+ tokens; this model reads"
    ):
        begun.set(negative="word " * 60)
    with pytest.raises(ValueError, match="the negative prompt"):
        begun.sample(1, negative="word " * 60)
    assert begun.view().settings.negative is None


def test_restoring_never_makes_later_jobs_fail(begun, tmp_path):
    text = f"a red fox\nNegative prompt: {'ugly, ' * 80}\nSteps: 5000, Sampler: Euler a, CFG scale: 7, Size: 16x16"
    info = PngInfo()
    info.add_text("parameters", text)
    Image.new("RGB", (16, 16)).save(tmp_path / "theirs.png", pnginfo=info)
    begun.restore(tmp_path / "theirs.png")
    assert (str(begun.prompt), begun.guidance, begun.steps) == ("a red fox", 7, 2)
    assert begun.view().settings.negative is None
    notice = begun.view().notices[-1].text
    assert "negative (the negative prompt 'ugly, ugly," in notice
    assert "steps" in notice
    assert len(begun.sample(1).wait(SECONDS)) == 1


def test_a_size_that_is_none(begun):
    with pytest.raises(TypeError, match=r"size=128: expected \(width, height\) in pixels") as caught:
        begun.size = 128
    assert len(str(caught.value).splitlines()) == 1
    begun.size = np.array([24, 16])
    assert begun.size == (24, 16)


def test_a_size_far_from_the_models_own_is_doubted_with_its_cost(begun):
    with pytest.warns(
        UserWarning, match="size 64 × 48 is far from this model's own 16 × 16: .*at least 12 times"
    ):
        begun.size = (64, 48)
    assert "12 times as much" in begun.view().notices[-1].text
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # said once
        begun.guidance = 3
        begun.cross([1, 4], n=1).wait(SECONDS)  # which is as large as its parents
    with pytest.warns(UserWarning, match="4 × 4 is far .*may show little"):
        begun.sample(1, size=(4, 4)).cancel()


# Whole numbers, lists and arrays of any library


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


# Whatever is accepted comes back

NONE = st.just({})


def mostly(good, anything):
    """What is taken, as a rule; now and then anything, so that a call of six arguments is seldom refused for one."""
    return st.integers(0, 15).flatmap(lambda dice: anything if dice == 15 else good)


def optional(**words):
    """Some of these words."""
    return st.fixed_dictionaries({}, optional=words)


WHOLE = st.sampled_from([int, np.int64, torch.tensor])
COUNT = st.tuples(WHOLE, mostly(st.just(1), st.integers(-1, 2))).map(lambda pair: pair[0](pair[1]))
NUMBER = mostly(st.integers(0, 1), st.integers(-1, 9))
MANY = st.sampled_from([list, tuple, np.array, torch.tensor])
SOME = st.tuples(MANY, mostly(st.lists(NUMBER, min_size=2, max_size=3), st.lists(NUMBER, max_size=1))).map(
    lambda pair: pair[0](pair[1])
)
SHARE = mostly(st.floats(0, 1), st.floats() | st.just(5e-324))
RADIUS = mostly(st.floats(0.01, 1), SHARE)
SPOTS = mostly(st.lists(st.tuples(SHARE, SHARE), min_size=1, max_size=3), st.just([]))
AREAS = st.one_of(
    SPOTS,
    SPOTS.map(np.array),
    st.just(Region.box(0.1, 0.2, 0.9, 0.8)),
    st.just(Region.bitmap(np.eye(5))),
    st.just(Region.polygon([(0, 0), (1, 0), (0.5, 1)])),
)
SAID = ["a cat", "a fox AND NOT a dog", "a cat ::1e-9 AND a hat @left", "a red fox OR a cat", ""]
TEXTS = st.sampled_from(SAID)
GUIDANCE = mostly(st.floats(0, 20), st.floats() | st.integers())
LONG = st.sampled_from([100_000, 100_001]).map("x".__mul__)
WAYS = {
    "ddim": [{}, None],
    "ddpm": [{"eta": 1}, {"eta": np.float32(0.3)}],
    "edict": [{"p": 0.5}, {"p": np.float32(0.9)}],
    "bdia": [{"gamma": 1}, {"gamma": math.nan}],
    "obelm": [{}, {"p": 1}],
    "euler": [{}],
    "euler-a": [{"eta": 0.5}],
    "heun": [{}, {"eta": 1}],
    "dpmpp-2m": [{}],
    "pipeline": [{}],
    "plms": [{}],
}
WAY = st.sampled_from(
    [{"sampler": name, "sampler_parameters": p} for name, some in WAYS.items() for p in some]
)
CHANGES = optional(
    prompt=mostly(TEXTS | TEXTS.map(Prompt.parse), PROMPTS | st.just("NOT")),
    steps=mostly(st.integers(1, 1000), st.integers()),
    guidance=GUIDANCE,
    negative=mostly(st.sampled_from(["a tree", None, ""]), st.sampled_from(["\ud800", "a " * 60]) | LONG),
    negation=mostly(values(LIMITS["negation"]), st.text()),
    corrector=mostly(
        st.sampled_from([None, {}, {"steps": 2, "size": np.float32(0.1)}]), values(LIMITS["corrector"])
    ),
    size=mostly(
        st.sampled_from([(16, 16), (8, 24), [24, 16], np.array([16, 8])]),
        st.sampled_from([(16, 16_384), (7, 7), 16]) | values(LIMITS["size"]),
    ),
)
CHANGED = st.tuples(CHANGES, NONE | WAY).map(lambda pair: pair[0] | pair[1])
SEEDS = mostly(st.none() | st.integers(0, 2**256) | st.integers(0, 9).map(np.int64), st.integers())
JOB = {"seed": SEEDS, "prompt": TEXTS, "guidance": GUIDANCE, "negation": st.sampled_from(["perp", "dynamic"])}


def action(names, *arguments, words=NONE):
    """A public method, its arguments in order, and those by name."""
    return st.tuples(st.sampled_from(names.split()), st.tuples(*arguments), words)


EMBEDDING = mostly(st.floats(0, 2), st.floats())
WEIGHT = mostly(st.floats(-9, 9), st.floats())
ACTIONS = st.one_of(
    action("set", words=CHANGED),
    action("star", SOME, words=optional(at=SPOTS)),
    action("reject unmark", SOME),
    action("prefer", st.just(0), mostly(st.just(1), NUMBER)),
    action("undo redo"),
    action("sample", COUNT, words=optional(spread=st.booleans(), embedding=EMBEDDING, **JOB)),
    action("mutate", NUMBER, AREAS, RADIUS, COUNT, st.booleans(), words=optional(strength=RADIUS, **JOB)),
    action("mutate", NUMBER, words=optional(picked=COUNT, **JOB)),
    action("cross", SOME, COUNT, words=optional(cells=COUNT, fresh=SHARE, elites=st.integers(-1, 1), **JOB)),
    action("blend", SOME, COUNT, words=optional(**JOB)),
    action("recombine", st.dictionaries(NUMBER, AREAS, min_size=1, max_size=2), COUNT, words=optional(**JOB)),
    action(
        "mix",
        st.just([0, 1]),
        st.lists(st.tuples(WEIGHT, WEIGHT), min_size=1, max_size=2),
        words=optional(**JOB),
    ),
    action("render", SOME, words=optional(**JOB)),
)
JOBS = ("sample", "mutate", "cross", "blend", "recombine", "mix", "render")
CHEAP = {"steps": 1, "sampler": "ddim", "sampler_parameters": None, "corrector": None}
# A call costs a tenth of a second. In `make prove` more than 20,000 are accepted and come back, else some 200.
PROVE = settings.default.max_examples >= 10_000
EXAMPLES, CALLS = (1_000, (24, 48)) if PROVE else (min(settings.default.max_examples, 60), (0, 6))
ACCEPTED: Counter[str] = Counter()


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(st.lists(ACTIONS, min_size=CALLS[0], max_size=CALLS[1]))
def come_back_equal(engine, tmp_path_factory, actions):
    session = Session("a cat", model=engine, seed=1)
    session.sample(2, size=(8, 8), **CHEAP).wait(SECONDS)
    for name, arguments, words in actions:
        more = dict(CHEAP) if name in JOBS else {}
        more |= {"size": (8, 8)} if name == "sample" else {}
        try:
            started = getattr(session, name)(*arguments, **words | more)
        except (ValueError, TypeError, IndexError):
            continue  # refused at once; how, stands above
        ACCEPTED[name] += 1
        with contextlib.suppress(FloatingPointError):  # at such guidance that nothing finite comes out
            if name in JOBS:
                started.wait(SECONDS)
    again = same_again(session)
    if again.history:
        path = tmp_path_factory.getbasetemp() / "one.png"
        again.history[-1][-1].save(path)
        assert content(Candidate.load(path)) == content(again.history[-1][-1])
    again.close()


@pytest.mark.filterwarnings("ignore::UserWarning")  # of words and sizes: anything is tried here
def test_whatever_is_accepted_comes_back_equal(engine, tmp_path_factory):
    come_back_equal(engine, tmp_path_factory)
    # Had everything been refused, nothing would have been shown.
    assert sum(ACCEPTED.values()) >= (20_000 if PROVE else EXAMPLES)
    assert len(ACCEPTED) >= len(JOBS)
