"""The samplers by name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

from guidewidgets.engine.samplers.base import Sampler
from guidewidgets.engine.samplers.coupled import BDIA, EDICT, OBELM
from guidewidgets.engine.samplers.ddim import DDIM, DDPM
from guidewidgets.engine.samplers.schedule import Schedule

SAMPLERS: dict[str, type[Sampler]] = {
    "ddim": DDIM,
    "ddpm": DDPM,
    "edict": EDICT,
    "bdia": BDIA,
    "obelm": OBELM,
}

STOCHASTIC = tuple(name for name, kind in SAMPLERS.items() if "seeds" in inspect.signature(kind).parameters)
"""Those that add noise, which they draw from seeds."""


def make_sampler(
    name: str,
    schedule: Schedule,
    parameters: Mapping[str, float] | None = None,
    seeds: Sequence[int] = (),
) -> Sampler:
    """Sampler by name.

    Args:
        name: "ddim", "ddpm", "edict", "bdia" or "obelm".
        schedule: the strides it walks.
        parameters: its own numbers: DDPM's `eta`, EDICT's `p`, BDIA's `gamma`.
        seeds: of the noise of each image, for a sampler that adds some.

    Raises:
        ValueError: no such sampler, or a parameter is unknown or out of range.
    """
    if name not in SAMPLERS:
        message = f"sampler={name!r}: expected one of {', '.join(sorted(SAMPLERS))}"
        raise ValueError(message)
    if name != "ddim" and any(stride.now.alpha == 0 for stride in schedule.strides):
        message = (
            f"sampler={name!r}: this model starts at pure noise (zero terminal SNR), where only ddim can"
        )
        raise ValueError(message)
    noise = {"seeds": seeds} if name in STOCHASTIC else {}
    try:
        return SAMPLERS[name](schedule, **(parameters or {}), **noise)
    except TypeError as error:
        message = f"sampler_parameters={dict(parameters or {})!r}: {name} does not take them"
        raise ValueError(message) from error
