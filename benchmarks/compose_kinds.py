"""What the composition study asks: six kinds of trials, and for each the ways of asking that are compared."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from guidewidgets.evaluate.composition import Trial, Way, pair_trials, triple_trials
from guidewidgets.evaluate.scenes import related_trials, staged_trials
from guidewidgets.prompt import And, Not, Prompt
from guidewidgets.region import Region
from guidewidgets.vision import embedded
from training.world.nouns import kept_apart

SEED = 20
MOST = 400  # triples to choose from, whatever the count, so that few prompts are the beginning of many
CORRECTOR = {"steps": 1, "size": 0.05, "stop": 0.6}
HALVES = (Region.box(0, 0, 0.5, 1), Region.box(0.5, 0, 1, 1))
CORNERS = (Region.box(0, 0, 0.5, 0.5), Region.box(0.5, 0, 1, 0.5), Region.box(0.25, 0.5, 0.75, 1))
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


def weighed(prompts: Sequence[Prompt], weight: float) -> Prompt:
    """The prompts joined by AND, all at one weight."""
    return And(*(prompt * weight for prompt in prompts))


def placed(parts: Sequence[Region]) -> Callable[[Trial], Prompt]:
    """Each noun in a part of the picture."""
    return lambda t: And(*(p.at(part) for p, part in zip(t.conjunction.terms, parts, strict=True)))


def exclusive(trial: Trial) -> Prompt:
    """Each noun in its half, and the other one not there."""
    concepts = trial.conjunction.terms
    halves = zip(concepts, HALVES, reversed(HALVES), strict=True)
    return And(*(term for p, here, there in halves for term in (p.at(here), Not(p * 0.5).at(there))))


def laid_out(spots: Callable[[Any], Prompt]) -> Callable[[Any], Prompt]:
    """The concepts in their parts of the picture first, then the sentence."""
    return lambda t: And(*(p.during(0, LAID_OUT) for p in spots(t).terms), t.sentence.during(LAID_OUT, 1))


def in_every_order(trial: Trial) -> Prompt:
    """The sentence as it begins with each noun in turn, all at once: as much guidance as one sentence has."""
    nouns = trial.wanted
    turned = [Trial(nouns[i:] + nouns[:i]).sentence for i in range(len(nouns))]
    return weighed(turned, 1 / len(nouns))


def negated(weight: float) -> Callable[[Trial], Prompt]:
    """Both nouns in the sentence, one of them negated."""
    return lambda trial: trial.negated(trial.unruly, weight)


SENTENCE = Way("sentence", lambda t: t.sentence)
AND = Way("AND", lambda t: t.conjunction)
CORRECTED = Way("AND + corrector", lambda t: t.conjunction, {"corrector": CORRECTOR})


def nots() -> list[Way]:
    """A curve of weights for the paper's NOT, and what is offered in its place."""
    linear = [Way(f"NOT ::{w:g}, linear", negated(w)) for w in (1.0, 1.25, 1.5, 2.0)]
    return [
        Way("both named, no NOT", lambda t: t.unruly),
        *linear,
        Way("NOT ::3, perp", negated(3.0), {"negation": "perp"}),
        Way("NOT ::1, dynamic", negated(1.0), {"negation": "dynamic"}),
    ]


def kinds(folder: Path | None, counts: int) -> dict[str, Kind]:
    """All kinds by name.

    Args:
        folder: of the model; None is the embedded one.
        counts: prompts per kind.
    """
    said = json.loads(((folder or Path(embedded.EMBEDDED)) / "vocabulary.json").read_text())
    nouns = sorted(set(said["nouns"]) & set(embedded.reader().nouns))
    pairs = list(itertools.combinations(nouns, 2))
    apart = [pair for pair in pairs if kept_apart(*pair)]
    seen = [pair for pair in pairs if not kept_apart(*pair)]
    rng = np.random.default_rng(SEED)
    triples = [tuple(nouns[i] for i in rng.choice(len(nouns), 3, replace=False)) for _ in range(MOST)]
    return {
        "single": Kind(
            "one noun: it is there", [Trial((noun,), (), "any") for noun in nouns][:counts], [SENTENCE]
        ),
        "pair": Kind(
            "two nouns never together in training: both are there",
            pair_trials(apart, min(counts, len(apart)), "apart"),
            [
                SENTENCE,
                AND,
                Way("AND, half the weight each", lambda t: weighed(t.conjunction.terms, 0.5)),
                CORRECTED,
                Way("AND, each in its half", placed(HALVES)),
                Way("AND, each in its half, NOT the other, perp", exclusive, {"negation": "perp"}),
                Way("each in its half, then the sentence", laid_out(placed(HALVES))),
            ],
        ),
        "stage": Kind(
            "a noun and its stage (place, plain colour, tint, style): all as asked",
            staged_trials(said, nouns, counts, "any"),
            [SENTENCE, AND, CORRECTED],
        ),
        "relation": Kind(
            "two nouns never together in training: both are there and stand as asked",
            related_trials(apart, min(counts, len(apart)), "apart"),
            [
                SENTENCE,
                Way("AND, each in its half", lambda t: t.conjunction),
                Way("each in its half, then the sentence", laid_out(lambda t: t.conjunction)),
            ],
        ),
        "triple": Kind(
            "three nouns: all are there",
            triple_trials(triples, counts, "any"),
            [
                SENTENCE,
                AND,
                Way("AND of the sentence in three orders", in_every_order),
                Way("AND, each in its part", placed(CORNERS)),
                Way("each in its part, then the sentence", laid_out(placed(CORNERS))),
            ],
        ),
        "not": Kind(
            "two nouns named, one negated: it is gone and the other there",
            pair_trials(seen, counts, "seen", 1, negate=True),
            nots(),
        ),
    }
