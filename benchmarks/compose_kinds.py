"""What the composition study asks: six kinds of trials, and for each the ways of asking that are compared."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from guidewidgets.evaluate.composition import PART, Trial, Way, pair_trials, triple_trials
from guidewidgets.evaluate.scenes import related_trials, staged_trials
from guidewidgets.prompt import And, Prompt
from guidewidgets.region import Region
from guidewidgets.vision import embedded
from training.world.nouns import kept_apart

SEED = 20
MOST = 400  # triples to choose from, whatever the count, so that few prompts are the beginning of many
TUNING = 100  # the first prompts of each kind are there to tune weights on, and the study asks the others
CORRECTOR = {"steps": 1, "size": 0.05, "stop": 0.6}
HALVES = (Region.box(0, 0, 0.5, 1), Region.box(0.5, 0, 1, 1))
# Where things stand is settled in the noise. Any longer, and a region's concept paints its own picture.
LAID_OUT = 0.25


@dataclass(frozen=True)
class Kind:
    """One table of the study.

    Args:
        says: what counts as right.
        trials: the prompts, in an order whose every beginning is balanced.
        ways: of asking; the first is what the others are compared with.
    """

    says: str
    trials: Sequence[Any]
    ways: Sequence[Way]


def weighed(prompt: Prompt, weight: float) -> Prompt:
    """A conjunction with all its concepts at one weight."""
    return And(*(term * weight for term in prompt.terms))


def placed(prompt: Prompt, parts: Sequence[Region]) -> Prompt:
    """A conjunction with each concept in a part of the picture."""
    return And(*(term.at(part) for term, part in zip(prompt.terms, parts, strict=True)))


def laid_out(spots: Prompt, sentence: Prompt) -> Prompt:
    """The concepts in their parts of the picture first, then the sentence."""
    return And(*(term.during(0, LAID_OUT) for term in spots.terms), sentence.during(LAID_OUT, 1))


def in_every_order(trial: Trial) -> Prompt:
    """The sentence as it begins with each noun in turn, all at once: as much guidance as one sentence has."""
    nouns = trial.wanted
    turned = [Trial(nouns[i:] + nouns[:i]).sentence for i in range(len(nouns))]
    return weighed(And(*turned), 1 / len(nouns))


def negated(weight: float, form: str = "{}") -> Callable[[Trial], Prompt]:
    """Both nouns in the sentence, one of them negated."""
    return lambda trial: trial.negated(trial.unruly, weight, form)


SENTENCE = Way("sentence", lambda t: t.sentence)
BARE = Way("a fox AND an owl", lambda t: t.conjunction)
PARTS = Way("a picture with a fox AND …", lambda t: t.pictured)
CORRECTED = Way("a picture with a fox AND …, corrector", PARTS.ask, {"corrector": CORRECTOR})


def ways() -> dict[str, list[Way]]:
    """The ways of asking that the study compares, by kind."""
    return {
        "single": [SENTENCE, Way("a picture with a fox", lambda t: t.pictured)],
        "pair": [
            SENTENCE,
            BARE,
            PARTS,
            CORRECTED,
            Way("a picture with a fox @left AND …", lambda t: placed(t.pictured, HALVES)),
            Way("sentences in both orders, AND", in_every_order),
        ],
        "stage": [
            SENTENCE,
            Way("a fox AND a beach", lambda t: t.conjunction),
            Way("a picture with a fox AND a beach", lambda t: t.pictured),
        ],
        "relation": [
            SENTENCE,
            Way("a picture with a fox @left AND …", lambda t: t.pictured),
            Way("each in its half, then the sentence", lambda t: laid_out(t.pictured, t.sentence)),
        ],
        "triple": [
            SENTENCE,
            BARE,
            PARTS,
            CORRECTED,
            Way("sentences in three orders, AND", in_every_order),
        ],
        "not": [
            Way("both named, no NOT", lambda t: t.unruly),
            *(Way(f"NOT an owl ::{w:g}", negated(w)) for w in (1.0, 1.25)),
            Way("NOT an owl ::3, perp", negated(3.0), {"negation": "perp"}),
            Way("NOT an owl ::1, dynamic", negated(1.0), {"negation": "dynamic"}),
            *(Way(f"NOT a picture with an owl ::{w:g}", negated(w, PART)) for w in (1.25, 1.5)),
        ],
    }


def kinds(folder: Path | None, counts: int, *, tuning: bool = False) -> dict[str, Kind]:
    """All kinds by name.

    Args:
        folder: of the model; None is the embedded one.
        counts: prompts per kind.
        tuning: the prompts that weights are tuned on, and the study never asks.
    """
    said = json.loads(((folder or Path(embedded.EMBEDDED)) / "vocabulary.json").read_text())
    nouns = sorted(set(said["nouns"]) & set(embedded.reader().nouns))
    pairs = list(itertools.combinations(nouns, 2))
    apart = [pair for pair in pairs if kept_apart(*pair)]
    seen = [pair for pair in pairs if not kept_apart(*pair)]
    rng = np.random.default_rng(SEED)
    triples = [tuple(nouns[i] for i in rng.choice(len(nouns), 3, replace=False)) for _ in range(MOST)]
    first, last = (0, min(counts, TUNING)) if tuning else (TUNING, TUNING + counts)
    few = min(last, len(apart))
    asked: dict[str, tuple[str, Sequence[Any]]] = {
        # There are too few nouns to put some aside, and nothing about one noun is tuned.
        "single": ("one noun: it is there", [Trial((noun,), (), "any") for noun in nouns][:counts]),
        "pair": (
            "two nouns never together in training: both are there",
            pair_trials(apart, few, "apart")[first:],
        ),
        "stage": (
            "a noun and its stage (place, plain colour, tint, style): all as asked",
            staged_trials(said, nouns, last, "any")[first:],
        ),
        "relation": (
            "two nouns never together in training: both are there and stand as asked",
            related_trials(apart, few, "apart")[first:],
        ),
        "triple": ("three nouns: all are there", triple_trials(triples, last, "any")[first:]),
        "not": (
            "a fox and an owl, the owl negated: it is gone and the fox there",
            pair_trials(seen, last, "seen", 1, negate=True)[first:],
        ),
    }
    compared = ways()
    return {name: Kind(says, trials, compared[name]) for name, (says, trials) in asked.items()}
