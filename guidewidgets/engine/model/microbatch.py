"""Split a batch of network rows so that it fits into memory, halving the batch when it did not."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import torch
from torch import Tensor

from guidewidgets.caution import caution

SHARE = 0.4  # of the free memory that one call may take
CPU_ROWS = 32  # more at once leave the caches: 60 rows of the embedded model cost 10 to 15 % more each


class RowBudget:
    """How many rows one network call may take; learns from running out of memory."""

    def __init__(self, row_bytes: int, device: torch.device) -> None:
        """Start from the memory free now.

        Args:
            row_bytes: rough memory of one row's activations.
            device: where the network runs.
        """
        fitting = max(1, int(SHARE * free_bytes(device) / row_bytes))
        # A power of two, so that a little more or less free memory does not change the layout, and with it low bits.
        self.limit = 1 << (fitting.bit_length() - 1)
        if device.type == "cpu":
            self.limit = min(self.limit, CPU_ROWS)

    def run(self, rows: int, call: Callable[[slice], Tensor]) -> Tensor:
        """Call `call` on consecutive slices of `rows` rows and put the answers together.

        Raises:
            MemoryError: not even one row fits.
        """
        done: list[Tensor] = []
        start = 0
        while start < rows:
            stop = min(rows, start + self.limit)
            try:
                done.append(call(slice(start, stop)))
            except torch.OutOfMemoryError as error:
                if stop - start == 1:
                    message = "out of memory with a single image: use a smaller size, a smaller model or fp16"
                    raise MemoryError(message) from error
                self.limit = (stop - start) // 2
                torch.cuda.empty_cache()
                caution(f"out of memory: going on with {self.limit} rows at a time")
                continue
            start = stop
        return torch.cat(done) if len(done) > 1 else done[0]


def free_bytes(device: torch.device) -> int:
    """Memory that is free on the device now, in bytes."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
