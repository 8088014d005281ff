"""Settings that are no mistakes, but will probably not do what their user expects: said by name, never changed."""

from __future__ import annotations

from guidewidgets.engine.model.model import Model
from guidewidgets.prompt import Prompt

MOST_GUIDANCE = 2.0  # that a consistency model stands
# A NOT of 1.25 removes what one of 1 leaves, and pictures still hold (benchmarks/compose_study.py); heavier ones lose
# the rest as well.
MOST_TAKEN = 1.25


def doubts(model: Model, prompt: Prompt, guidance: float, negative: str | None, negation: str) -> list[str]:
    """Doubts about one prompt without OR, one line each.

    Args:
        model: that renders it.
        prompt: without OR; one with OR has no doubts yet.
        guidance: scale s.
        negative: text in place of ∅.
        negation: how NOT acts.
    """
    if prompt.has_or:
        return []
    found: list[str] = []
    concepts = prompt.concepts()
    composed = len(concepts) > 1 or bool(negative) or any(c.weight != 1 for c in concepts)
    sign = model.distilled
    if sign and guidance > MOST_GUIDANCE:
        found.append(
            f"{model.id} seems to be guidance-distilled ({sign}): guidance={guidance:g} will burn its pictures; such "
            "models are made for guidance=1 (none) and 1 to 4 steps"
        )
    if composed and sign:
        found.append(
            f"{model.id} seems to be guidance-distilled ({sign}): such models have no unconditional side, so that "
            "AND, NOT and negative prompts do little or harm"
        )
    taken = -sum(c.weight for c in concepts if c.weight < 0)
    given = sum(c.weight for c in concepts if c.weight > 0)
    if taken > 0 and given == 0:
        found.append("the prompt has only NOTs: it says what not to paint, and nothing to paint")
    elif negation == "linear" and guidance > 0 and taken > MOST_TAKEN * given:
        found.append(
            f"NOT outweighs the rest ({taken:g} to {given:g}): such a sum of scores may belong to no distribution at "
            "all, and pictures run away; use smaller weights, or negation='perp' or 'dynamic'"
        )
    return found
