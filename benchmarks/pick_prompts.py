"""What the study of picking asks, and what its settings were chosen on: no noun is in both.

Nouns are dealt by a seed. Pairs are such as no training picture of the generator shows together. A triple has at least
one such pair in it, so that no training picture shows it either.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import numpy as np

from benchmarks.guided_scores import readable
from guidewidgets.evaluate.composition import Trial, pair_trials, triple_trials
from training.world.nouns import kept_apart

SEED = 2311
TUNED = ("fox", "owl")  # the example of every page: looked at often
FOR_TUNING = 18  # nouns; they leave a hundred pairs to ask about


def dealt() -> tuple[list[str], list[str]]:
    """Nouns to choose settings on, and nouns to ask about."""
    others = [noun for noun in readable() if noun not in TUNED]
    order = [others[i] for i in np.random.default_rng(SEED).permutation(len(others))]
    few = FOR_TUNING - len(TUNED)
    return sorted([*TUNED, *order[:few]]), sorted(order[few:])


def pairs(nouns: Sequence[str], count: int) -> list[Trial]:
    """Of nouns the pairs that were never seen together, at most so many, each noun about equally often."""
    apart = [pair for pair in itertools.combinations(nouns, 2) if kept_apart(*pair)]
    return pair_trials(apart, min(count, len(apart)), "pair", SEED)


def triples(nouns: Sequence[str], count: int) -> list[Trial]:
    """Likewise of three."""
    every = itertools.combinations(nouns, 3)
    unseen = [three for three in every if any(kept_apart(*two) for two in itertools.combinations(three, 2))]
    return triple_trials(unseen, min(count, len(unseen)), "triple", SEED)


def in_turn(*lists: Sequence[Trial]) -> list[Trial]:
    """All of several lists, in an order of which every beginning has its share of each."""
    placed = [
        ((i + 0.5) / len(some), k, trial) for k, some in enumerate(lists) for i, trial in enumerate(some)
    ]
    return [trial for _, _, trial in sorted(placed, key=lambda one: one[:2])]


def named(trials: Sequence[Trial]) -> str:
    """A short hash of a list of prompts, to say which were registered."""
    text = "\n".join(" ".join(trial.wanted) for trial in trials)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
