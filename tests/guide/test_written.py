"""Objectives written down and made again."""

from __future__ import annotations

import dataclasses
import inspect
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import guidewidgets as gw
from guidewidgets.guide import (
    Aesthetic,
    Classify,
    ClipImage,
    ClipText,
    Crops,
    MeanColour,
    Reward,
    Symmetry,
    Variation,
)
from guidewidgets.guide.written import KINDS, from_data, source, to_data
from guidewidgets.region import Region
from guidewidgets.untrusted import SessionFileError


def red(size=(7, 5)):
    return Image.new("RGB", size, (250, 10, 30))


OBJECTIVES = [
    ClipText("a 'red' fox"),
    ClipText("fox", Crops(num=3, reduce="min", seed=4), "cosine"),
    0.5 * Symmetry() + MeanColour((0.1, 0.2, 0.3), Region.box(0, 0, 0.5, 1)) * 3,
    Aesthetic(target=7.5) + Classify("fox", loss="bce", crops=Crops(num=2)),
    ClipImage([red(), red((3, 3))]),
    ClipText("a fox") + 0.3 * Variation(0.05),
]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_back_again(objective):
    data = json.loads(json.dumps(to_data(objective)))
    again = from_data(data)
    assert to_data(again) == data
    assert again.name == objective.name
    run = eval(source(objective), {"gw": gw})  # noqa: S307 - our own code
    assert to_data(run) == data


USUAL = {"num": 8, "power": 0.3, "smallest": 0.5, "reduce": "mean", "seed": 0,
         "largest": 1.0, "noise": 0.0, "mirror": False, "fresh": False}  # fmt: skip
FRAMED = {"num": 10, "power": 1.0, "smallest": 0.85, "reduce": "mean", "seed": 0,
          "largest": 1.6, "noise": 0.1, "mirror": True, "fresh": True}  # fmt: skip
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR42mP8xSXHwMAAAAaUASSaNKyZAAAAAElF"
    "TkSuQmCC"
)
WRITTEN = [
    (ClipText("a fox"), "ClipText", {"text": "a fox", "crops": {"crops": USUAL}, "distance": "angle"}),
    (ClipImage([red((2, 1))]), "ClipImage", {"references": [DOT], "crops": {"crops": USUAL}}),
    (Symmetry(), "Symmetry", {}),
    (MeanColour([1, 0, 0]), "MeanColour", {"colour": [1.0, 0.0, 0.0], "region": None}),
    (
        MeanColour((0.1, 0.2, 0.3), Region.box(0, 0, 0.5, 1)),
        "MeanColour",
        {"colour": [0.1, 0.2, 0.3], "region": {"region": {"kind": "box", "box": [0.0, 0.0, 0.5, 1.0]}}},
    ),
    (Aesthetic(target=7), "Aesthetic", {"target": 7, "crops": {"crops": USUAL}}),
    (Classify("ox"), "Classify", {"label": "ox", "loss": "ce", "crops": {"crops": FRAMED}}),
]


class Scores:
    def score(self, images, prompts):
        return images.mean((1, 2, 3))


@pytest.mark.parametrize(("objective", "kind", "arguments"), WRITTEN)
def test_written_to_the_letter_as_before_they_were_dataclasses(objective, kind, arguments):
    """What 2520711 wrote, order and all: recipes are compared by it. Its own files are read in the same way."""
    assert json.dumps(to_data(objective)) == json.dumps([[1.0, kind, arguments]])
    assert from_data([[1.0, kind, arguments]]) == objective


def test_every_objective_is_a_frozen_dataclass_of_the_register():
    assert KINDS.keys() == gw.OBJECTIVES.keys()
    for kind in KINDS.values():
        assert dataclasses.is_dataclass(kind)
        assert list(inspect.signature(kind).parameters) == [f.name for f in dataclasses.fields(kind)]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClipText("a fox").text = "an ox"


def test_repr_equality_and_hash_come_from_the_fields():
    assert repr(ClipText("a fox")) == "ClipText(text='a fox')"
    assert (
        repr(0.5 * Classify("ox", loss="bce") + Symmetry())
        == "0.5 * Classify(label='ox', loss='bce') + Symmetry()"
    )
    assert repr(Aesthetic(target=3)) == "Aesthetic(target=3)"
    assert "scorer=" in repr(Reward(Scores()))
    assert ClipText("a fox") == ClipText("a fox", Crops()) != ClipText("a fox", distance="cosine")
    assert len({ClipText("a"), ClipText("a"), Symmetry(), ClipImage([red()]), Aesthetic()}) == 4


SHARE = st.floats(0, 1)
CROPS = st.builds(
    Crops,
    num=st.integers(0, 20) | st.integers(0, 20).map(np.int64),
    power=st.floats(0, 5),
    smallest=st.floats(0.01, 1) | st.floats(0.01, 1).map(np.float64),
    reduce=st.sampled_from(["mean", "min"]),
    seed=st.integers(0, 2**63),
    largest=st.floats(1, 4),
    noise=SHARE,
    mirror=st.booleans(),
    fresh=st.booleans(),
)
REGION = st.builds(Region.box, st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0.5, 1), st.floats(0.5, 1))
MAYBE = st.none() | CROPS
PART = (
    st.builds(ClipText, st.text(), MAYBE, st.sampled_from(["angle", "cosine"]))
    | st.builds(ClipImage, st.lists(st.builds(red, st.tuples(*[st.integers(1, 3)] * 2)), min_size=1, max_size=2), MAYBE)
    | st.just(Symmetry())
    | st.builds(MeanColour, st.tuples(SHARE, SHARE, SHARE) | st.lists(SHARE.map(np.float32), min_size=3, max_size=3),
                st.none() | REGION)
    | st.builds(Aesthetic, st.none(), st.none() | st.integers(-9, 9) | st.floats(-9, 9).map(np.float64), MAYBE)
    | st.builds(Variation, st.floats(0.001, 2) | st.floats(0.001, 2).map(np.float64))
    | st.builds(Classify, st.text(), st.none(), st.sampled_from(["ce", "bce"]), MAYBE)
)  # fmt: skip
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(FINITE, PART), min_size=1, max_size=3))
def test_whatever_is_accepted_is_written_read_and_equal(terms):
    total = terms[0][0] * terms[0][1]
    for weight, part in terms[1:]:
        total = total + weight * part
    text = json.dumps(to_data(total), allow_nan=False)
    again = from_data(json.loads(text))
    assert json.dumps(to_data(again), allow_nan=False) == text
    assert [p for _, p in again.parts] == [p for _, p in total.parts]
    assert [w for w, _ in again.parts] == [w for w, _ in total.parts]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMED = st.sampled_from(["text", "crops", "distance", "references", "colour", "region", "target", "label", "loss",
                         "head", "classifier", "scorer", "preference", "prompt", "most"])  # fmt: skip


@given(
    st.lists(
        st.tuples(JSON, st.sampled_from([*KINDS]) | JSON, st.dictionaries(NAMED, JSON, max_size=3) | JSON)
    )
)
def test_any_data_is_an_objective_or_refused(parts):
    try:
        found = from_data([list(part) for part in parts])
    except SessionFileError:
        return
    assert from_data(to_data(found)).parts == found.parts


def test_the_code_says_only_what_is_not_usual():
    assert source(ClipText("a fox")) == "gw.ClipText(text='a fox')"
    assert source(0.5 * Symmetry() + Classify("ox")) == "0.5 * gw.Symmetry() + gw.Classify(label='ox')"
