"""Exact gradients through the whole sampling chain, in memory that does not grow with the number of steps.

`cached`: the walk is made without a graph, keeping the latents before each step (64 KiB each at Stable Diffusion's
size); going back, one step at a time is made again with a graph: bit for bit the gradient of plain autograd, as it is
the same code. `reversible`: only the final state is kept; going back, each coupling is undone, and the one network
evaluation that this needs serves the derivative too.

The released DOODL stores every step's latents as well, but also computes weight gradients that nobody reads, and
evaluates the network twice where once is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.samplers.base import Constrain, Predict, Sampler, State
from guidewidgets.engine.samplers.langevin import Corrected

GRADIENTS = (None, "cached", "reversible", "full")
TOLERANCE = 1e-3  # largest error of the latents, relative, that a reversible gradient may rest on

Lock = AbstractContextManager[object]
"""Held while a network is asked; may be entered again and again."""

Sweep = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""Gradients at the members of the finished state, each (n, C, H, W) → at those of the starting state, likewise."""


class _Chain(torch.autograd.Function):
    """Joins the finished state to the starting state, with the sweep as derivative."""

    @staticmethod
    def forward(ctx: Any, sweep: Sweep, finished: State, *start: Tensor) -> State:
        del start
        ctx.sweep = sweep
        return tuple(member.clone() for member in finished)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, *ctx.sweep(gradients)


def attach(finished: State, start: State, sweep: Sweep) -> State:
    """The finished state, as a differentiable function of the starting state.

    Args:
        finished: one or two latents (n, C, H, W), without a graph.
        start: as many.
        sweep: the derivative.

    Returns:
        Latents equal to `finished`.
    """
    return _Chain.apply(sweep, finished, *start)  # pyright: ignore[reportReturnType] - torch leaves apply untyped


def cached(
    sampler: Sampler, states: Sequence[State], predict: Predict, constrain: Constrain | None, lock: Lock
) -> Sweep:
    """Sweep that makes each step again from `states`, the state before every step."""

    def sweep(gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        for k in reversed(range(len(states))):
            with lock, torch.enable_grad():
                inputs = [x.detach().requires_grad_() for x in states[k]]
                outputs, _ = sampler.step(tuple(inputs), k, predict)
                if constrain is not None:
                    outputs = constrain(k, outputs)
                gradients = torch.autograd.grad(outputs, inputs, gradients, materialize_grads=True)
        return gradients

    return sweep


def reversible(sampler: Sampler, finished: State, predict: Predict, lock: Lock) -> Sweep:
    """Sweep that undoes each coupling from the finished state; inverse and derivative share one network evaluation."""

    def sweep(given: Sequence[Tensor]) -> Sequence[Tensor]:
        state, gradients = list(finished), list(given)
        for k in reversed(range(len(sampler.schedule))):
            for c in reversed(sampler.couplings(k)):
                with lock, torch.enable_grad():
                    source = state[c.source].detach().requires_grad_()
                    added, _ = c.drive(source, sampler.schedule.strides[k], k, predict)
                    (pulled,) = torch.autograd.grad(added, source, gradients[c.target])
                if c.keep == 0.0:  # the first step: its target was a copy of the source, and is forgotten
                    state[c.target] = state[c.source]
                else:
                    state[c.target] = (state[c.target] - added.detach()) / c.keep
                gradients[c.target] = c.keep * gradients[c.target]
                gradients[c.source] = gradients[c.source] + pulled
        return gradients

    return sweep


def check_reversible(sampler: Sampler, dtype: torch.dtype, constrain: Constrain | None) -> None:
    """Refuse a reversible gradient that would rest on latents that rounding has spoilt.

    Raises:
        ValueError: the sampler cannot be undone, or not accurately enough with latents of this dtype.
    """
    if constrain is not None:
        message = "gradient='reversible': a lock cannot be undone; use gradient='cached'"
        raise ValueError(message)
    if isinstance(sampler, Corrected):
        message = "gradient='reversible': a corrector's random steps cannot be undone; use gradient='cached'"
        raise ValueError(message)  # noqa: TRY004 - a combination that cannot be, no wrong type
    error = sampler.amplification() * torch.finfo(dtype).eps
    if not error <= TOLERANCE:
        name, steps = type(sampler).__name__, len(sampler.schedule)
        narrow = "" if dtype == torch.float64 else "; this device has no float64"
        message = (
            f"gradient='reversible': undoing {steps} steps of {name} with {str(dtype).removeprefix('torch.')} latents "
            f"loses them (relative error {error:.0e}, at most {TOLERANCE:.0e}{narrow}); "
            "use gradient='cached' or fewer steps"
        )
        raise ValueError(message)
