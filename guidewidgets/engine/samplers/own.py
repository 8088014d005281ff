"""Which of our samplers walks what a pipeline's own scheduler means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMES: Mapping[str, str] = {
    "DDIMScheduler": "ddim",
    "DDIMParallelScheduler": "ddim",
    "DDPMScheduler": "ddpm",
    "DDPMParallelScheduler": "ddpm",
    "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler-a",
    "HeunDiscreteScheduler": "heun",
    "DPMSolverMultistepScheduler": "dpmpp-2m",
    "EDMEulerScheduler": "euler",
    "EDMDPMSolverMultistepScheduler": "dpmpp-2m",
    "LCMScheduler": "lcm",
    "TCDScheduler": "tcd",
    "SCMScheduler": "lcm",
    "FlowMatchEulerDiscreteScheduler": "euler",
}

_SECOND = {"algorithm_type": ("dpmsolver++",), "solver_order": (2,), "solver_type": ("midpoint",)}
# Where a config has betas, the scheduler was made of that of another kind, which its network does not follow.
_NO_BETAS = {"beta_start": (None,)}
MUST: Mapping[str, Mapping[str, tuple[object, ...]]] = {
    "DPMSolverMultistepScheduler": _SECOND,
    "EDMDPMSolverMultistepScheduler": _SECOND | _NO_BETAS,
    "EDMEulerScheduler": _NO_BETAS,
    "SCMScheduler": _NO_BETAS,
    "FlowMatchEulerDiscreteScheduler": _NO_BETAS | {"stochastic_sampling": (None, False)},
    "DDPMScheduler": {"variance_type": ("fixed_small", "fixed_small_log")},
}
"""What else a scheduler's config has to say."""

NEAREST: Mapping[str, str] = {
    "DPMSolverMultistepScheduler": "dpmpp-2m",
    "DPMSolverSinglestepScheduler": "dpmpp-2m",
    "DEISMultistepScheduler": "dpmpp-2m",
    "UniPCMultistepScheduler": "dpmpp-2m",
}
"""What comes nearest to schedulers that nobody here walks, where that is not DDIM."""


def own_sampler(scheduler: str, config: Mapping[str, Any]) -> tuple[str, str]:
    """The sampler that a pipeline's scheduler names, and why it is another one; "" where it is not.

    Args:
        scheduler: class name.
        config: its numbers.
    """
    name = NAMES.get(scheduler)
    odd = [
        f"{key}={config.get(key)!r}"
        for key, known in MUST.get(scheduler, {}).items()
        if config.get(key) not in known
    ]
    if name is not None and not odd:
        return name, ""
    nearest, how = NEAREST.get(scheduler, "ddim"), f" with {', '.join(odd)}" if odd else ""
    return nearest, (
        f"the pipeline's {scheduler}{how} is not among the samplers here: {nearest!r} is used in its place, so that "
        "the same noise gives another picture than the pipeline's own"
    )
