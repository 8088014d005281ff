"""What finished pictures hold of what they were asked for, measured when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import torch

from guidewidgets.arguments import plural
from guidewidgets.engine import Engine
from guidewidgets.generators import returned
from guidewidgets.guide.lift import lifts
from guidewidgets.guide.pictures import to_tensor
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.operators.base import Parents

TOGETHER = 16  # pictures
LEVELS = (0.05, 0.05, 0.2, 0.2, 0.4, 0.6)
"""Where on the schedule, as shares of the steps done. Places are told by the noisiest only: later any model sees them
without being told. Chosen by `benchmarks/verify_levels.py`, as is `SURE`."""
SURE = 0.02
"""Of a lift, either way; nearer to 0 it says nothing that one should tell a person."""
THERE, UNSURE, MISSING = "✓", "?", "✗"
TRUST = "The model's own opinion, of things right in about 3 of 4; ? is no answer."


def sign(lift: float) -> str:
    """That it is as was asked, that it is not, or that its lift does not say."""
    return UNSURE if abs(lift) < SURE else THERE if lift > 0 else MISSING


def summary(found: Sequence[Mapping[str, float]]) -> str:
    """What was measured of several pictures, as one line; empty for none."""
    counts: dict[str, Counter[str]] = {}
    for held in found:
        for name, lift in held.items():
            counts.setdefault(name, Counter())[sign(lift)] += 1
    if not counts:
        return ""
    parts = [
        f"{name} " + " ".join(f"{n[mark]} {mark}" for mark in (THERE, UNSURE, MISSING) if n[mark])
        for name, n in counts.items()
    ]
    return f"Checked {plural(len(found), 'image')}: {', '.join(parts)}. {TRUST}"


def verifiable(engine: Engine, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that were asked for something and are shown. Raises ValueError for those of another model."""
    for one in candidates:
        Parents([one]).check(engine)
    return [
        one
        for one in candidates
        if not one.filtered and any(concept.model is None for concept in one.genome.prompt.concepts())
    ]


def verify(
    engine: Engine, candidates: Sequence[Candidate]
) -> Iterator[tuple[Candidate, Mapping[str, float]]]:
    """Lifts of candidates, a few at a time.

    The finished latent of a picture was not kept: it is encoded again, which in our try of 140 nouns correlated 0.99
    with the lifts of latents that were kept.
    """
    by_size = sorted(candidates, key=lambda one: one.genome.size)
    for _, same in groupby(by_size, key=lambda one: one.genome.size):
        rest = list(same)
        for k in range(0, len(rest), TOGETHER):
            some = rest[k : k + TOGETHER]
            pictures = torch.stack([to_tensor(one.image) for one in some])
            prompts = [one.genome.prompt for one in some]
            found = returned(lifts(engine, engine.encode(pictures), prompts, levels=LEVELS, negated=True))
            yield from zip(some, found, strict=True)
