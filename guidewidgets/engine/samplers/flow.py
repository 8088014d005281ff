"""The schedule of flow matching: x_s = (1 - s) x_0 + s ε, from the noise s = 1 to the picture s = 0.

Liu et al. 2022 (arXiv 2209.03003); the shift towards more noise for larger pictures is Esser et al. 2024 (arXiv
2403.03206, eq. 23). The network predicts v = ε - x_0 at the timestep 1000 s, which is no whole number.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Mapping
from typing import Any

from diffusers import DPMSolverMultistepScheduler, FlowMatchEulerDiscreteScheduler

from guidewidgets.engine.samplers.schedule import Point, Schedule, Stride

STEPPING = {
    "algorithm_type",
    "solver_type",
    "variance_type",
}  # say how, not where; each class has words of its own


def flow_schedule(
    config: Mapping[str, Any], steps: int, mu: float = 0.0, *, from_steps: bool = True
) -> Schedule:
    """Schedule of `steps` denoising steps from the numbers in a diffusers scheduler's config.

    They are put into a scheduler of our own, which is never stepped: FlowMatchEuler's, or DPM-Solver++'s where the
    config asks that for flow sigmas (its timesteps are whole numbers).

    Args:
        config: of a pipeline's scheduler.
        steps: number of denoising steps, 1 to the model's training steps.
        mu: how far the noise levels are shifted, where the config says that this depends on the picture's size.
        from_steps: whether the levels are spread from 1 to 1/steps before they are shifted, as most pipelines do, or
            from 1 to the smallest level there is.

    Raises:
        ValueError: the number of steps or the kind of scheduler is not one we can walk.
    """
    flow_sigmas = bool(config.get("use_flow_sigmas"))
    if not flow_sigmas and ("shift" not in config or config.get("invert_sigmas")):
        message = f"the scheduler's config ({', '.join(sorted(config))}) has no flow from noise to picture"
        raise ValueError(message)
    train_steps = int(config["num_train_timesteps"])
    if not 1 <= steps <= train_steps:
        message = f"steps={steps}: expected a whole number from 1 to {train_steps}"
        raise ValueError(message)
    kind: Any = DPMSolverMultistepScheduler if flow_sigmas else FlowMatchEulerDiscreteScheduler
    known = set(inspect.signature(kind.__init__).parameters) - STEPPING
    numbers = {key: config[key] for key in known & set(config)}
    if steps == 1:  # which would be stretched to end where it begins
        numbers.pop("shift_terminal", None)
    walk = kind(**numbers)
    if flow_sigmas:
        walk.set_timesteps(steps)
    else:
        levels = [1 - i / steps for i in range(steps)] if from_steps else None
        walk.set_timesteps(steps, sigmas=levels, mu=mu)
    points = [Point(1 - s, s) for s in walk.sigmas.double().tolist()]
    pairs = zip(walk.timesteps.tolist(), itertools.pairwise(points), strict=True)
    return Schedule(tuple(Stride(t, now, then) for t, (now, then) in pairs), "flow", train_steps)


def shift_of(config: Mapping[str, Any], tokens: int) -> float:
    """μ for a picture of so many tokens, on the line that a scheduler's config lays through two sizes.

    Args:
        config: of a pipeline's scheduler.
        tokens: patches of the latent.
    """
    few, many = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    least, most = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    return least + (most - least) * (tokens - few) / (many - few)
