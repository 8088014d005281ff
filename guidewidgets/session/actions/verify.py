"""What finished pictures hold of what they were asked for, measured when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import torch

from guidewidgets.engine import Engine
from guidewidgets.generators import returned
from guidewidgets.guide.lift import lifts
from guidewidgets.guide.pictures import to_tensor
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.operators.base import Parents

TOGETHER = 16  # pictures


def verifiable(engine: Engine, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that were asked for something and are shown. Raises ValueError for those of another model."""
    for one in candidates:
        Parents([one]).check(engine)
    return [
        one
        for one in candidates
        if not one.filtered and any(concept.shown for concept in one.genome.prompt.concepts())
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
            found = returned(lifts(engine, engine.encode(pictures), [one.genome.prompt for one in some]))
            yield from zip(some, found, strict=True)
