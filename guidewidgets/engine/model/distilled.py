"""Guidance distillation: it leaves no trace in most weights' shapes; the makers' schedulers and names tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAMES = re.compile(
    r"(?i)(?<![a-z])(turbo|lightning|lcm|hyper[-_]?(?:sd|flux)|dmd2?|schnell|flash|tcd|distill\w*)(?![a-z])"
)
_STEPS = re.compile(r"(?i)(?<![a-z\d])(\d{1,2})[-_ ]?steps?(?![a-z])")
_CONSISTENCY = ("LCMScheduler", "TCDScheduler", "SCMScheduler", "FlowMatchLCMScheduler")
_EULER = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler")


def distilled(model_id: str, scheduler: str, config: Mapping[str, Any]) -> str:
    """By which sign a model is guidance-distilled; empty where it shows none.

    Args:
        model_id: the model's name or hub id.
        scheduler: class name of its pipeline's scheduler.
        config: of that.
    """
    if scheduler in _CONSISTENCY:
        return f"its scheduler is {scheduler}"
    # As makers of Turbo and Lightning publish it; models that are not distilled and begin at pure noise predict v.
    last = config.get("timestep_spacing") == "trailing" and config.get("prediction_type") == "epsilon"
    if scheduler in _EULER and last and not config.get("rescale_betas_zero_snr"):
        return f"its scheduler is {scheduler} with timestep_spacing='trailing'"
    # And as makers of Lightning do for flow matching: one shift for pictures of all sizes, by what depends on size.
    shift = config.get("base_shift")
    if config.get("use_dynamic_shifting") and shift is not None and shift == config.get("max_shift"):
        return f"its scheduler has base_shift = max_shift = {shift:.4g}"
    found = _NAMES.search(model_id)
    return f"its name says {found[1]!r}" if found else ""


def few_steps(model_id: str, usual: int) -> int:
    """Steps that a distilled model is made for: those in its name, as in "Lightning-8step", else the usual ones."""
    found = _STEPS.search(model_id)
    return max(1, int(found[1])) if found else usual
