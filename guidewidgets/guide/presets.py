"""How an optimisation moves: our own plan, and the published ones.

The published numbers are those of the released code and its notebook; the learning rate there is the factor on the
loss, and with two tied latents half of it arrives at the noise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

OPTIMIZERS = ("adam", "momentum")


@dataclass(frozen=True, slots=True)
class Plan:
    """One way of moving the noise.

    Attributes:
        optimizer: "adam", or "momentum" (heavy ball, dampening 0, not Nesterov).
        lr: step size; under momentum the factor of the gradient before it is clipped.
        momentum: of the heavy ball.
        clip: elements of the gradient are clipped to ± this before momentum; None does not clip.
        perturbation: standard deviation of noise added after each update.
        whiteness: bring the power spectrum back to white noise.
        renormalise: bring the norm back.
        sampling_steps, guidance, sampler: of each rendering; None is the model's default.
    """

    optimizer: str = "adam"
    lr: float = 0.05
    momentum: float = 0.9
    clip: float | None = None
    perturbation: float = 0.0
    whiteness: bool = True
    renormalise: bool = False
    sampling_steps: int | None = None
    guidance: float | None = None
    sampler: str = "ddim"

    def updater(self, x: Tensor) -> Callable[[Tensor], None]:
        """A function that takes the gradient and moves `x`."""
        if self.optimizer == "adam":
            adam = torch.optim.Adam([x], lr=self.lr)

            def step(g: Tensor) -> None:
                x.grad = g
                adam.step()

            return step
        velocity = torch.zeros_like(x)

        def roll(g: Tensor) -> None:
            pull = -self.lr * g
            if self.clip is not None:
                pull = pull.clamp(-self.clip, self.clip)
            velocity.mul_(self.momentum).add_(pull)
            x.add_(velocity)

        return roll


def _published(lr: float, clip: float, perturbation: float, *, renormalise: bool) -> Plan:
    return Plan("momentum", lr / 2, 0.9, clip, perturbation, whiteness=False, renormalise=renormalise,
                sampling_steps=50, guidance=7.5, sampler="edict")  # fmt: skip


PRESETS = {
    "published:clip": _published(1.0, 1e-3, 1e-4, renormalise=True),
    "published:fgvc": _published(0.05, 1e-2, 1e-3, renormalise=True),
    "published:aesthetic": _published(1.0, 1e-3, 0.0, renormalise=False),
    "published:personal": _published(3.0, 3e-3, 0.0, renormalise=True),
}


def make_plan(preset: str | None, changes: Mapping[str, Any]) -> Plan:
    """A preset (None: ours) with some values changed.

    Raises:
        ValueError: no such preset, or a value is out of range.
        TypeError: no such value.
    """
    if preset is not None and preset not in PRESETS:
        message = f"preset={preset!r}: expected None or one of {', '.join(sorted(PRESETS))}"
        raise ValueError(message)
    known = {field.name for field in dataclasses.fields(Plan)}
    if unknown := sorted(set(changes) - known):
        message = f"unknown argument {', '.join(unknown)}: expected some of {', '.join(sorted(known))}"
        raise TypeError(message)
    plan = dataclasses.replace(PRESETS[preset] if preset else Plan(), **changes)
    if plan.optimizer not in OPTIMIZERS:
        message = f"optimizer={plan.optimizer!r}: expected one of {', '.join(OPTIMIZERS)}"
        raise ValueError(message)
    for name, least in (("lr", 0), ("momentum", 0), ("perturbation", 0)):
        value = getattr(plan, name)
        if not value >= least:
            message = f"{name}={value!r}: expected at least {least}"
            raise ValueError(message)
    return plan
