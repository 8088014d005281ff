"""Guidance distillation: it leaves no trace in the weights' shapes; the makers' names and schedulers tell."""

from __future__ import annotations

import re

_NAMES = re.compile(
    r"(?i)(?<![a-z])(turbo|lightning|lcm|hyper[-_]?sd|dmd2?|schnell|flash|tcd|distill\w*)(?![a-z])"
)
_STEPS = re.compile(r"(?i)(?<![a-z\d])(\d{1,2})[-_ ]?steps?(?![a-z])")
_SCHEDULERS = ("LCMScheduler", "TCDScheduler", "SCMScheduler")


def distilled(model_id: str, scheduler: str) -> str:
    """By which sign a model is guidance-distilled; empty where it shows none.

    Args:
        model_id: the model's name or hub id.
        scheduler: class name of its pipeline's scheduler.
    """
    if scheduler in _SCHEDULERS:
        return f"its scheduler is {scheduler}"
    found = _NAMES.search(model_id)
    return f"its name says {found[1]!r}" if found else ""


def few_steps(model_id: str, usual: int) -> int:
    """Steps that a distilled model is made for: those in its name, as in "Lightning-8step", else the usual ones."""
    found = _STEPS.search(model_id)
    return max(1, int(found[1])) if found else usual
