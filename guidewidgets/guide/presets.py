"""How an optimisation moves: our own plan, and the published ones.

The published numbers are those of the released code and its notebook; the learning rate there is the factor on the
loss, and with two tied latents half of it arrives at the noise. As there, the loss is summed over the pictures of both
latents of EDICT. Our own plan decodes the first alone, at half the price: they differ by what mixing leaves of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.guide.preconditioning import PRECONDITIONS, precondition, tangent

OPTIMIZERS = ("adam", "momentum")
LIVE = ("lr", "momentum", "clip", "perturbation", "whiteness", "renormalise", "average")
"""What may change while an optimisation runs; the rest belongs to its start."""


MOST = 1e9  # of any number of a plan: more is a slip, and overflows
MOST_PROBES = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One way of moving the noise.

    Attributes:
        optimizer: "adam", or "momentum" (heavy ball, dampening 0, not Nesterov).
        lr: step size; under momentum the factor of the gradient before it is clipped.
        momentum: of the heavy ball.
        clip: elements of the gradient are clipped to ± this before momentum; None does not clip.
        precondition: "tangent" or "white" makes the gradient a direction that leaves noise noise, before momentum, and
            `lr` its length: see `preconditioning.py`. Not with Adam nor `clip`, which scale elements one by one.
        probes: estimate the gradient by differences along so many random directions, for losses that have none: it
            takes twice as many more renderings an update, see `zeroth_order.py`; 0 is the exact gradient.
        smoothing: σ, how far away they are, in standard deviations of the noise.
        perturbation: standard deviation of noise added after each update.
        whiteness: bring the power spectrum back to white noise.
        renormalise: bring the norm back.
        average: make the two latents of a pair equal again after each update, and move both by their mean gradient.
        both: sum the loss over the pictures of both latents of a pair; a single latent that becomes two stands for
            both, and gets the mean.
        sampling_steps, guidance, sampler: of each rendering; None is the model's default.
    """

    optimizer: str = "adam"
    lr: float = 0.05
    momentum: float = 0.9
    clip: float | None = None
    precondition: str | None = None
    probes: int = 0
    smoothing: float = 0.5
    perturbation: float = 0.0
    whiteness: bool = True
    renormalise: bool = False
    average: bool = False
    both: bool = False
    sampling_steps: int | None = None
    guidance: float | None = None
    sampler: str = "ddim"

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer={self.optimizer!r}: expected one of {', '.join(OPTIMIZERS)}")
        for name in ("lr", "momentum", "perturbation", "clip"):
            value = getattr(self, name)
            if value is not None or name != "clip":
                object.__setattr__(self, name, check_number(name, value, 0.0, MOST))
        object.__setattr__(self, "probes", check_number("probes", self.probes, 0, MOST_PROBES))
        object.__setattr__(self, "smoothing", check_number("smoothing", self.smoothing, 1e-6, MOST))
        if self.precondition is not None:
            self._check_precondition()

    def _check_precondition(self) -> None:
        if self.precondition not in PRECONDITIONS:
            known = ", ".join(PRECONDITIONS)
            raise ValueError(f"precondition={self.precondition!r}: expected None or one of {known}")
        if self.optimizer == "adam" or self.clip is not None:
            undone = "optimizer='adam'" if self.optimizer == "adam" else f"clip={self.clip:g}"
            raise ValueError(
                f"precondition={self.precondition!r}: {undone} scales every element on its own, which undoes it; "
                "expected optimizer='momentum' (momentum=0 is without memory) and no clip"
            )

    def changed(self, changes: Mapping[str, Any], known: tuple[str, ...] | None = None) -> Plan:
        """A copy with some values changed.

        Args:
            changes: by name.
            known: names that may be; None: all.

        Raises:
            TypeError: no such value.
            ValueError: a value is out of range.
        """
        names = known or tuple(field.name for field in dataclasses.fields(self))
        if unknown := sorted(set(changes) - set(names)):
            message = f"unknown argument {', '.join(unknown)}: expected some of {', '.join(sorted(names))}"
            raise TypeError(message)
        return dataclasses.replace(self, **changes)


@final
class Mover:
    """Moves latents against their gradient, as a plan says; remembers momentum."""

    def __init__(self, x: Tensor, plan: Plan) -> None:
        self._x = x
        self._adam = torch.optim.Adam([x], lr=plan.lr) if plan.optimizer == "adam" else None
        self._velocity = torch.zeros_like(x)

    def __call__(self, g: Tensor, plan: Plan) -> None:
        """One update; the plan may be another one than at the start, but for its optimizer."""
        if self._adam is not None:
            self._adam.param_groups[0]["lr"] = plan.lr
            self._x.grad = g
            self._adam.step()
            return
        if plan.precondition is not None:
            g = precondition(g, self._x, plan.precondition)
        pull = -plan.lr * g
        if plan.clip is not None:
            pull = pull.clamp(-plan.clip, plan.clip)
        self._velocity.mul_(plan.momentum).add_(pull)
        # Updates before this one were made where other directions were tangent.
        along = plan.precondition == "tangent"
        self._x.add_(tangent(self._velocity, self._x) if along else self._velocity)


def _published(lr: float, clip: float, perturbation: float, *, renormalise: bool) -> Plan:
    return Plan("momentum", lr / 2, 0.9, clip, perturbation=perturbation, whiteness=False, renormalise=renormalise,
                average=renormalise, both=True, sampling_steps=50, guidance=7.5, sampler="edict")  # fmt: skip


PRESETS = {
    "published:clip": _published(1.0, 1e-3, 1e-4, renormalise=True),
    "published:fgvc": _published(0.05, 1e-2, 1e-3, renormalise=True),
    # The released notebook neither ties nor renormalises here: it edits real images.
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
        raise ValueError(f"preset={preset!r}: expected None or one of {', '.join(sorted(PRESETS))}")
    return (PRESETS[preset] if preset else Plan()).changed(changes)


def check_preset(preset: str | None, engine: Engine) -> None:
    """Refuse a published plan for a model that it does not hold for.

    Raises:
        ValueError: the model seems to be distilled.
    """
    if preset is not None and (sign := engine.distilled):
        raise ValueError(
            f"preset={preset!r} walks EDICT in 50 steps under guidance 7.5; {engine.id} seems to be distilled to a few "
            f"steps without guidance ({sign}), where neither holds: leave the preset out"
        )
