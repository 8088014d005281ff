"""Gradients through networks in half precision, whose smallest numbers are larger than most gradients of a picture.

A gradient is multiplied by a power of two before it goes back through a network in float16, and divided by it after:
what would have become zero is kept. Each row of a batch has the factor that brings its largest entry to `TOP`; where
something overflows on the way, the factors are halved and the way is gone again, until all is finite. Every call
begins anew from `TOP`, so that a gradient depends on nothing that was computed before.

bfloat16 reaches as far as float32: nothing is scaled there, nor in wider networks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

TOP = 16.0  # leaves 2¹² above for gradients that grow on the way, and 2¹⁸ below before precision is lost
HALVINGS = 30  # from there to where nothing is left
LEAST = 1e-30  # smaller gradients are as good as none

Ask = Callable[[Tensor], Tensor]
"""Rows (n, …) to rows (n, …), each from its own."""


class _Scaled(torch.autograd.Function):
    """A network in half precision as a function of wider rows, with a derivative of its own."""

    @staticmethod
    def forward(ctx: Any, ask: Ask, given: Tensor) -> Tensor:
        with torch.enable_grad():
            inside = given.detach().requires_grad_()
            answer = ask(inside)
        ctx.held = inside, answer
        return answer.detach().float()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        inside, answer = ctx.held
        ctx.held = None  # activations go now, not when the caller forgets the answer
        wide = gradients[0].float()
        largest = _rows(wide).abs().amax(1).nan_to_num(1.0).clamp(LEAST, 1 / LEAST)
        factor = torch.exp2(torch.floor(torch.log2(TOP / largest)))
        for _ in range(HALVINGS):
            scaled = (wide * _beside(factor, wide)).to(answer.dtype)
            (found,) = torch.autograd.grad(answer, inside, scaled, retain_graph=True)
            lost = ~torch.isfinite(_rows(found)).all(1)
            if not lost.any():
                break
            factor = torch.where(lost, factor / 2, factor)
        return None, found / _beside(factor, found)  # pyright: ignore[reportPossiblyUnboundVariable]


def _rows(x: Tensor) -> Tensor:
    return x.reshape(len(x), -1)


def _beside(factor: Tensor, x: Tensor) -> Tensor:
    return factor.to(x.dtype).reshape(-1, *[1] * (x.ndim - 1))


def half_call(ask: Ask, given: Tensor, dtype: torch.dtype) -> Tensor:
    """A network in `dtype`, asked with rows of any; its gradient at them is scaled where that is float16.

    Args:
        ask: the network, its weights frozen.
        given: (n, …), float32 or wider.
        dtype: of the network.

    Returns:
        Its answer (n, …): in `dtype`, or in float32 where the gradient is scaled.
    """
    if dtype != torch.float16 or not (torch.is_grad_enabled() and given.requires_grad):
        return ask(given.to(dtype))
    return _Scaled.apply(lambda x: ask(x.to(dtype)), given)  # pyright: ignore[reportReturnType] - untyped in torch
