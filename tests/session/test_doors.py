"""Doors: whatever is accepted is stored and read back equal; what cannot be is refused where it is set, in one line."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from stored import SECONDS, same_again

from guidewidgets import Prompt, Region
from guidewidgets.session import Session

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
