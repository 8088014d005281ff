"""Trials that ask for places, colours, styles and relations: how they ask, and what counts as right."""

import json
from collections import Counter

import pytest

from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.evaluate.scenes import RELATIONS, Related, Staged, related_trials, staged_trials
from guidewidgets.prompt import Prompt
from guidewidgets.vision.reader import Reading
from training.world.captions import read

SAID = json.loads((EMBEDDED / "vocabulary.json").read_text())


def seen(spots, ground="sky", style=None, colours=None):
    return Reading(dict.fromkeys(spots, 0.9), colours or {}, spots, ground, style)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_relation_in_words_and_in_regions(relation):
    trial = Related(("fox", "owl"), relation)
    assert read(trial.sentence.text).relation == relation
    for concept, part in zip(trial.conjunction.terms, trial.pictured.terms, strict=True):
        noun, said = concept.concepts()[0], part.concepts()[0]
        assert (said.text, said.region) == (f"a picture with {noun.text}", noun.region)
    spots = {}
    for concept in trial.conjunction.concepts():
        region = concept.region
        spots[concept.text.split()[-1]] = ((region.x0 + region.x1) / 2, (region.y0 + region.y1) / 2)
    # What the regions say is what the reader calls right.
    assert trial.marks(seen(spots)) == {"right": True, "kept": True}
    swapped = dict(zip(spots, reversed(spots.values()), strict=True))
    assert trial.marks(seen(swapped)) == {"right": False, "kept": True}
    assert trial.marks(seen({"fox": (0.2, 0.5)})) == {"right": False, "kept": False}


def test_a_stage_in_words_and_in_concepts():
    trial = Staged("fox", "beach", "on a beach", "a beach", "red", "sketch", "a sketch of {}")
    assert trial.sentence == Prompt("a sketch of a red fox on a beach")
    assert trial.conjunction == Prompt.parse("a red fox AND a beach AND a sketch of a background")
    assert trial.pictured.terms == (Prompt("a picture with a red fox"), *trial.conjunction.terms[1:])
    there = {"fox": (0.5, 0.5)}
    right = seen(there, "beach", "sketch", {"fox": "red"})
    assert trial.marks(right) == {"right": True, "kept": True}
    for wrong in (
        seen(there, "city", "sketch", {"fox": "red"}),
        seen(there, "beach", None, {"fox": "red"}),
        seen(there, "beach", "sketch", {"fox": None}),
    ):
        assert trial.marks(wrong) == {"right": False, "kept": True}
    assert trial.marks(seen({}, "beach", "sketch")) == {"right": False, "kept": False}
    plain = Staged("fox", "beach", "on a beach", "a beach")
    assert plain.marks(seen(there, "beach", "sketch", {"fox": "red"}))[
        "right"
    ]  # what is not asked for is free


def test_trials_say_what_they_mean_and_are_balanced():
    trials = staged_trials(SAID, SAID["nouns"], 100, "g", seed=2)
    assert trials == staged_trials(SAID, SAID["nouns"], 100, "g", seed=2)
    for trial in trials:
        said = read(trial.sentence.text)
        assert (said.ground, said.style) == (trial.ground, trial.style)
        assert said.things == ((trial.noun, trial.colour, None),)
        parts = [read(part.text) for part in trial.conjunction.terms]
        assert parts[0].things == said.things
        assert [part.ground for part in parts[1:2]] == [trial.ground]
    # Any beginning holds as many of each kind, and each noun once before one comes again.
    assert Counter(t.family for t in trials[:40]) == dict.fromkeys(
        ("place", "plain colour", "tint", "style"), 10
    )
    assert len({t.noun for t in trials[:60]}) == 60
    pairs = [(a, b) for a in "abcd" for b in "efgh"]
    related = related_trials(pairs, 12, "g")
    assert Counter(t.relation for t in related[:8]) == dict.fromkeys(RELATIONS, 2)
