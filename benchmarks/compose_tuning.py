"""The settings that the composition study's ways were chosen from, on prompts that the study never asks.

python -m benchmarks.compose_study --tuning --counts 24 [--kinds pair,triple,not]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.compose_kinds import SENTENCE, Kind, kinds, negated, weighed
from guidewidgets.evaluate.composition import PART, Way
from guidewidgets.prompt import And, Prompt

CORRECTORS = (
    {"steps": 1, "size": 0.05, "stop": 0.6},
    {"steps": 2, "size": 0.1, "stop": 0.6},
)


def parts(weight: float) -> Callable[[Any], Prompt]:
    """What can hold together, joined by AND, each concept at a weight."""
    return lambda trial: weighed(trial.pictured, weight)


def parts_first(until: float) -> Callable[[Any], Prompt]:
    """The concepts in the noise, where it is settled what comes, and the sentence after."""
    return lambda t: And(*(term.during(0, until) for term in t.pictured.terms), t.sentence.during(until, 1))


def conjunctions() -> Sequence[Way]:
    """Weights, correctors and ranges of steps for AND."""
    return [
        SENTENCE,
        *(Way(f"parts ::{w:g}", parts(w)) for w in (0.4, 0.6, 0.8, 1.0, 1.4)),
        *(Way(f"parts, corrector {list(c.values())}", parts(1.0), {"corrector": c}) for c in CORRECTORS),
        *(Way(f"parts until {u:g}, then the sentence", parts_first(u)) for u in (0.25, 0.5)),
    ]


def negations() -> Sequence[Way]:
    """Weights for each kind of NOT."""
    return [
        Way("both named, no NOT", lambda t: t.unruly),
        *(Way(f"NOT ::{w:g}", negated(w)) for w in (1.0, 1.25, 1.5)),
        *(Way(f"NOT part ::{w:g}", negated(w, PART)) for w in (1.0, 1.25, 1.5, 2.0)),
    ]


def to_tune(folder: Path | None, counts: int) -> dict[str, Kind]:
    """The kinds with something to tune, on the prompts put aside for it; the arguments are those of `kinds`."""
    asked = kinds(folder, counts, tuning=True)
    ways = {"pair": conjunctions(), "triple": conjunctions(), "not": negations()}
    return {name: Kind(asked[name].says, asked[name].trials, ways[name]) for name in ways}
