"""The samplers by name."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence

from guidewidgets.engine.samplers.base import Sampler
from guidewidgets.engine.samplers.consistency import Consistency
from guidewidgets.engine.samplers.coupled import BDIA, EDICT, OBELM
from guidewidgets.engine.samplers.ddim import DDIM, DDPM
from guidewidgets.engine.samplers.heun import Heun
from guidewidgets.engine.samplers.multistep import DPMSolver2M
from guidewidgets.engine.samplers.schedule import Schedule

SAMPLERS: dict[str, type[Sampler]] = {
    "ddim": DDIM,
    "ddpm": DDPM,
    "euler": DDIM,
    "euler-a": DDPM,
    "heun": Heun,
    "dpmpp-2m": DPMSolver2M,
    "lcm": Consistency,
    "tcd": Consistency,
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
        name: one of `SAMPLERS`.
        schedule: the strides it walks.
        parameters: its own numbers: `eta` of "ddpm" and "euler-a", EDICT's `p`, BDIA's `gamma`.
        seeds: of the noise of each image, for a sampler that adds some.

    Raises:
        ValueError: no such sampler, or a parameter is unknown or out of range.
    """
    if name not in SAMPLERS:
        message = f"sampler={name!r}: expected one of {', '.join(sorted(SAMPLERS))}"
        raise ValueError(message)
    noise = {"seeds": seeds} if name in STOCHASTIC else {}
    try:
        made = SAMPLERS[name](schedule, **(parameters or {}), **noise)
    except TypeError as error:
        message = f"sampler_parameters={dict(parameters or {})!r}: {name} does not take them"
        raise ValueError(message) from error
    if schedule.strides[0].now.alpha == 0 and not _begins_without_signal(made):
        message = f"sampler={name!r}: this model starts at pure noise (zero terminal SNR), where it cannot; ddim can"
        raise ValueError(message)
    return made


def _begins_without_signal(sampler: Sampler) -> bool:
    """Whether the coefficients of the steps that know the first point, where α is 0, are numbers."""
    try:
        first = [c for k in range(min(2, len(sampler.schedule))) for c in sampler.couplings(k)]
    except ZeroDivisionError:
        return False
    return all(math.isfinite(number) for c in first for number in (c.keep, c.clean, c.noise, c.past))
