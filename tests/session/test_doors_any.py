"""Doors: whatever is accepted, of any arguments at all, is stored and read back equal."""

from __future__ import annotations

import contextlib
import math
from collections import Counter

import numpy as np
import pytest
import torch
from any_settings import PROMPTS, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import SECONDS, content, same_again

from guidewidgets import Candidate, Prompt, Region
from guidewidgets.session import Session
from guidewidgets.settings import LIMITS

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
