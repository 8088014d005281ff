"""Settings that are no mistakes, but will probably not do what their user expects: said by name, never changed."""

from __future__ import annotations

import math

from guidewidgets.engine.families.base import Guidance
from guidewidgets.engine.model.model import Model
from guidewidgets.prompt.hints import hints
from guidewidgets.settings import RenderSettings

MOST_GUIDANCE = 2.0  # that a consistency model stands
# A NOT of 1.25 removes what one of 1 leaves, and pictures still hold (benchmarks/compose_study.py); heavier ones lose
# the rest as well.
MOST_TAKEN = 1.25
FAR = 3.0  # times the pixels of the model's own size, or a share of them


def doubts(model: Model, settings: RenderSettings) -> list[str]:
    """Doubts about settings, one line each; a prompt with OR has none yet.

    Args:
        model: that renders it.
        settings: or a genome.
    """
    prompt, guidance = settings.prompt, settings.guidance
    found = [*_of_size(model, settings.size), *hints(prompt)]
    if prompt.has_or:
        return found
    concepts = prompt.concepts()
    composed = len(concepts) > 1 or bool(settings.negative) or any(c.weight != 1 for c in concepts)
    sign = model.distilled
    told = model.network.family.guidance is Guidance.EMBEDDED
    if sign and guidance > MOST_GUIDANCE and not told:
        found.append(
            f"{model.id} seems to be guidance-distilled ({sign}): guidance={guidance:g} will burn its pictures; such "
            "models are made for guidance=1 (none) and 1 to 4 steps"
        )
    if composed and sign:
        found.append(
            f"{model.id} seems to be guidance-distilled ({sign}): such models have no unconditional side, so that "
            "AND, NOT and negative prompts do little or harm: say it all in one concept, or take the model it was "
            "distilled from"
        )
    taken = -sum(c.weight for c in concepts if c.weight < 0)
    given = sum(c.weight for c in concepts if c.weight > 0)
    if taken > 0 and given == 0:
        found.append("the prompt has only NOTs: it says what not to paint, and nothing to paint")
    elif settings.negation == "linear" and taken > MOST_TAKEN * given:
        found.append(
            f"NOT outweighs the rest ({taken:g} to {given:g}): such a sum of scores may belong to no distribution at "
            "all, and pictures run away; use smaller weights, or negation='perp' or 'dynamic'"
        )
    return found


def _of_size(model: Model, size: tuple[int, int]) -> list[str]:
    larger = math.prod(size) / math.prod(model.size)
    if 1 / FAR <= larger <= FAR:
        return []
    asked, own = (f"{width} × {height}" for width, height in (size, model.size))
    cost = (
        f"may repeat their parts, and cost at least {larger:.0f} times as much"
        if larger > 1
        else "may show little"
    )
    return [f"size {asked} is far from this model's own {own}: pictures {cost}"]
