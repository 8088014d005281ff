"""The noise levels that a sampler walks, from the numbers in a diffusers scheduler's config.

Every sampler has a scheduler class whose rules for timesteps and noise levels it follows; its own defaults hold where
the config says nothing. That class is made anew of the config, and never stepped: where the pipeline's scheduler is of
that class, the grid is the one it means itself, spacings of Karras and others included; where it is not, the grid is
what `from_config` would make of it. So "ddim" stays the same DDIM, whatever scheduler stands in the pipeline.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Collection, Mapping
from typing import Any

from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
)

from guidewidgets.caution import caution
from guidewidgets.engine.samplers.schedule import Point, Schedule, Stride

NO_SIGNAL = 1e-6
PREDICTIONS = ("epsilon", "v_prediction", "sample")
GAMMA = 0.3  # of TCD, as its authors advise
SHORT = 15  # steps below which DPM-Solver++ may end in first order
CLIPPING = ("clip_sample", "thresholding")

LEVELS: dict[str, type[Any]] = {
    "euler": EulerDiscreteScheduler,
    "euler-a": EulerAncestralDiscreteScheduler,
    "heun": HeunDiscreteScheduler,
    "dpmpp-2m": DPMSolverMultistepScheduler,
}
"""Classes of samplers that step between noise levels σ/α; others are made for the timesteps of DDIM."""

CONSISTENCY: dict[str, type[Any]] = {"lcm": LCMScheduler, "tcd": TCDScheduler}
"""Classes of consistency samplers, which step between the timesteps that such models are distilled to."""


def make_schedule(
    config: Mapping[str, Any], steps: int, sampler: str = "ddim", scheduler: str = "DDIMScheduler"
) -> Schedule:
    """Schedule of `steps` denoising steps.

    Args:
        config: of a pipeline's scheduler.
        steps: number of denoising steps, 1 to the model's training steps.
        sampler: what walks it.
        scheduler: class name of the pipeline's scheduler.

    Raises:
        ValueError: the number of steps or the kind of model is not one we can walk, or it predicts the noise alone
            where there is nothing else (Lin et al. 2024, arXiv 2305.08891).
    """
    if "beta_start" not in config and "trained_betas" not in config:
        message = f"the scheduler's config ({', '.join(sorted(config))}) has no betas: flow matching is not supported"
        raise ValueError(message)
    walk = _remade((LEVELS | CONSISTENCY).get(sampler, DDIMScheduler), config, scheduler)
    most = int(walk.config["original_inference_steps" if sampler in CONSISTENCY else "num_train_timesteps"])
    if not 1 <= steps <= most:
        message = f"steps={steps}: expected a whole number from 1 to {most}"
        raise ValueError(message)
    prediction = str(walk.config["prediction_type"])
    if prediction not in PREDICTIONS:
        message = f"prediction_type={prediction!r}: expected one of {', '.join(PREDICTIONS)}"
        raise ValueError(message)
    walk.set_timesteps(steps)
    if sampler == "ddpm" and scheduler.startswith("DDPM"):
        walk.final_alpha_cumprod = 1.0  # where it ends by its own rule
    if sampler in CONSISTENCY:
        return _boundaries(walk, prediction, 1.0 if sampler == "lcm" else GAMMA)
    schedule = (_levels if sampler in LEVELS else _jumps)(walk, steps, prediction)
    if prediction == "epsilon" and schedule.strides[0].now.alpha < NO_SIGNAL:
        message = (
            "the schedule begins at pure noise (rescale_betas_zero_snr), where a prediction of 'epsilon' tells nothing "
            "of the picture: load the scheduler with rescale_betas_zero_snr=False, or, if the model was trained so, "
            "with prediction_type='v_prediction'"
        )
        raise ValueError(message)
    return schedule


def _remade(kind: type[Any], config: Mapping[str, Any], scheduler: str) -> Any:
    """A scheduler of a class from a config; defaults of another class are not the config's own words."""
    known, own = inspect.signature(kind.__init__).parameters, scheduler == kind.__name__
    # Pipelines put right what they take for an oversight, which stays listed as a default.
    defaults: Collection[str] = () if own else config.get("_use_default_values", ())
    numbers: dict[str, Any] = {key: config[key] for key in known if key in config and key not in defaults}
    clipping = [key for key in CLIPPING if key in known]
    if own and any(config.get(key) for key in clipping):
        caution("the model's scheduler clips its predictions; latents are not clipped here")
    return kind(**numbers | dict.fromkeys(clipping, False))  # DDIM clips unless told otherwise


def _jumps(walk: Any, steps: int, prediction: str) -> Schedule:
    """DDIM's timesteps and its rule for the point ahead, a fixed jump."""
    train_steps = int(walk.config["num_train_timesteps"])
    bars = [float(bar) for bar in walk.alphas_cumprod.double()]
    end, jump = float(walk.final_alpha_cumprod), train_steps // steps
    strides: list[Stride] = []
    for timestep in walk.timesteps.tolist():
        t = min(int(timestep), train_steps - 1)  # an offset may point one past the end
        ahead = t - jump
        strides.append(Stride(t, Point.of(bars[t]), Point.of(bars[ahead] if ahead >= 0 else end)))
    return Schedule(tuple(strides), prediction, train_steps)


def _boundaries(walk: Any, prediction: str, gamma: float) -> Schedule:
    """Timesteps of a consistency sampler, each reached over one that is γ of the way on to the picture."""
    bars = [float(bar) for bar in walk.alphas_cumprod.double()]
    times = [int(t) for t in walk.timesteps.tolist()]
    strides: list[Stride] = []
    for t, after in itertools.zip_longest(times, times[1:]):
        via = Point(1.0, 0.0) if gamma == 1 else Point.of(bars[math.floor((1 - gamma) * (after or 0))])
        strides.append(Stride(t, Point.of(bars[t]), via if after is None else Point.of(bars[after]), via))
    return Schedule(tuple(strides), prediction, int(walk.config["num_train_timesteps"]))


def _levels(walk: Any, steps: int, prediction: str) -> Schedule:
    """Noise levels σ/α from one to the next; where each is listed twice, for two evaluations, it is taken once."""
    sigmas, timesteps = walk.sigmas.double().tolist(), walk.timesteps.tolist()
    if walk.order == 2:
        sigmas, timesteps = sigmas[:1] + sigmas[1::2], timesteps[:1] + timesteps[1::2]
    points = [Point.of(1 / (1 + sigma**2)) for sigma in sigmas[: len(timesteps) + 1]]
    if not hasattr(walk, "lambda_t"):  # all but DPM-Solver++ leave what noise there is on top of the picture
        points[-1] = Point(1.0, sigmas[len(timesteps)])
    strides = [
        Stride(t, now, then) for t, (now, then) in zip(timesteps, itertools.pairwise(points), strict=True)
    ]
    config = walk.config
    # These start at σ times the noise where they take the first point for all noise, else at √(σ² + 1) times.
    bare = float(walk.init_noise_sigma) != 1 and config["timestep_spacing"] in ("linspace", "trailing")
    short = bool(config.get("lower_order_final")) and steps < SHORT
    return Schedule(
        tuple(strides),
        prediction,
        int(config["num_train_timesteps"]),
        scale=points[0].sigma if bare else 1.0,
        low_order_end=short or bool(config.get("euler_at_final")) or math.isclose(points[-1].sigma, 0),
    )
