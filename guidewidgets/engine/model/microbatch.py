"""Split a batch of rows so that it fits into memory, forth and back, and halve it when it did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import psutil
import torch
from torch import Tensor

from guidewidgets.caution import caution

SHARE = 0.4  # of the free memory that one call may take
CPU_ROWS = 32  # more at once leave the caches: 60 rows of the embedded model cost 10 to 15 % more each
PATIENCE = 16  # calls that went well, after which twice as many rows are tried again; twice as long after each failure

Call = Callable[[slice, Tensor], Tensor]
"""Which rows of the batch, and those rows, to an answer for each of them from it alone."""


@final
class RowBudget:
    """How many rows one call may take; learns from running out of memory, and forgets it.

    Attributes:
        limit: rows at a time, whatever their size.
    """

    def __init__(
        self, row_bytes: int, device: torch.device, cpu_rows: int = CPU_ROWS, *, coming: int = 0
    ) -> None:
        """Start from the memory free now.

        Args:
            row_bytes: rough memory of the activations of a row of the model's own size.
            device: where the network runs.
            cpu_rows: most rows of that size on a CPU.
            coming: bytes of that memory which weights will take that rest elsewhere now.
        """
        self._coming = coming
        self._own, self._device, self._cpu_rows = max(1, row_bytes), device, max(1, cpu_rows)
        self._fits: dict[int, int] = {}
        self.limit = self._most(1.0)
        self._before = 0  # the limit before memory ran out, and is to grow back to
        self._calm, self._patience = 0, PATIENCE
        self._told = self.limit

    def _most(self, larger: float) -> int:
        """Rows that will fit, of a size `larger` than the model's own; the same as long as this budget lives."""
        row_bytes = max(1, int(self._own * larger))
        if row_bytes not in self._fits:
            fitting = max(1, int(SHARE * (free_bytes(self._device) - self._coming) / row_bytes))
            # A power of two, so that a little more or less free memory does not change the layout, and so low bits.
            most = 1 << (fitting.bit_length() - 1)
            if self._device.type == "cpu":
                most = min(most, max(1, self._cpu_rows * self._own // row_bytes))
            self._fits[row_bytes] = most
        return self._fits[row_bytes]

    def run(self, x: Tensor, call: Call, larger: float = 1.0) -> Tensor:
        """Call `call` on consecutive rows of `x` and put the answers together.

        Where gradients flow, they flow through as many rows at a time; once memory has run out, nothing is kept for
        the way back, and the rows are computed again there.

        Args:
            x: (n, …).
            call: the network.
            larger: how many times as large as the model's own size the rows are.

        Raises:
            MemoryError: not even one row fits.
        """
        done: list[Tensor] = []
        start = 0
        graph = torch.is_grad_enabled() and x.requires_grad
        while start < len(x):
            rows = slice(start, min(len(x), start + self.limit, start + self._most(larger)))
            given = x if rows == slice(0, len(x)) else x[rows]
            answer = self._try(
                lambda rows=rows, given=given: self._call(rows, given, call, graph=graph), rows
            )
            if answer is not None:
                done.append(answer)
                start = rows.stop
        self._grow()
        return torch.cat(done) if len(done) > 1 else done[0]

    def _call(self, rows: slice, given: Tensor, call: Call, *, graph: bool) -> Tensor:
        if not graph:
            return call(rows, given)
        return _Rows.apply(self, rows, call, given)  # pyright: ignore[reportReturnType] - untyped in torch

    def pull(self, rows: slice, x: Tensor, call: Call, gradient: Tensor) -> Tensor:
        """The gradient at `x` (n, …), the rows `rows` of their batch, from that at their answers; computed anew."""
        found: list[Tensor] = []
        start = 0
        while start < len(x):
            part = slice(start, min(len(x), start + self.limit))
            where = slice(rows.start + part.start, rows.start + part.stop)

            def once(part: slice = part, where: slice = where) -> Tensor:
                with torch.enable_grad():
                    given = x[part].detach().requires_grad_()
                    return torch.autograd.grad(call(where, given), given, gradient[part])[0]

            if (pulled := self._try(once, part)) is not None:
                found.append(pulled)
                start = part.stop
        return torch.cat(found)

    def _try(self, call: Callable[[], Tensor], rows: slice) -> Tensor | None:
        """An answer, or None where memory ran out and fewer rows are to be tried."""
        try:
            return call()
        except RuntimeError as error:
            if not is_full(error):
                raise
            if rows.stop - rows.start == 1:
                self.shrink(1)
                message = "out of memory with a single image: use a smaller size, a smaller model or fp16"
                raise MemoryError(message) from error
        # Here the error is gone, and with it what it held of the failed attempt.
        self.shrink(rows.stop - rows.start)
        return None

    def shrink(self, rows: int) -> None:
        """So many rows at a time were too many; of one, it was perhaps what else was kept."""
        self._before = max(self._before, self.limit, 2)
        self.limit = max(1, rows // 2)
        self._calm, self._patience = 0, 2 * self._patience
        torch.cuda.empty_cache()
        if self.limit < min(rows, self._told):
            self._told = self.limit
            caution(f"out of memory: going on with {self.limit} rows at a time")

    @property
    def tight(self) -> bool:
        """Whether memory has run out, and the limit has not grown back."""
        return self.limit < self._before

    def _grow(self) -> None:
        """After a call that went well."""
        self._calm += 1
        if self.tight and self._calm >= self._patience:
            self.limit, self._calm = min(2 * self.limit, self._before), 0


class _Rows(torch.autograd.Function):
    """Rows of a batch with a way back of their own, which knows what to do where memory runs out on it."""

    @staticmethod
    def forward(ctx: Any, budget: RowBudget, rows: slice, call: Call, given: Tensor) -> Tensor:
        ctx.budget, ctx.rows, ctx.call, ctx.given = budget, rows, call, given.detach()
        if budget.tight:
            ctx.held = None
            return call(rows, ctx.given).detach()
        with torch.enable_grad():
            inside = ctx.given.requires_grad_()
            answer = call(rows, inside)
        ctx.held = inside, answer
        return answer.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, None, None, Tensor]:
        budget: RowBudget = ctx.budget
        held, ctx.held = ctx.held, None  # activations go now, not when the caller forgets the answer
        if held is not None:
            inside, answer = held
            try:
                return None, None, None, torch.autograd.grad(answer, inside, gradients[0])[0]
            except RuntimeError as error:
                if not is_full(error):
                    raise
            del held, inside, answer
            budget.shrink(ctx.rows.stop - ctx.rows.start)
        return None, None, None, budget.pull(ctx.rows, ctx.given, ctx.call, gradients[0])


def is_full(error: RuntimeError) -> bool:
    """Whether an error says that memory ran out."""
    text = str(error).lower()
    return (
        isinstance(error, torch.OutOfMemoryError)
        or "out of memory" in text
        or "can't allocate memory" in text
    )


def free_bytes(device: torch.device) -> int:
    """Memory that is free on the device now, in bytes."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + unused
    return int(psutil.virtual_memory().available)
