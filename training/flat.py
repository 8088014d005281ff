"""Weights as one flat vector: bf16 in networks where that is quick, an fp32 master, AdamW, an average, workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from training import schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Barrier


@dataclass(frozen=True)
class Team:
    """The processes that train together: every few steps they average their master weights.

    Args:
        rank: 0 for the one that reports and saves.
        size: number of processes.
        board: (size, parameters) float32 in shared memory.
        flags: (1,) in shared memory.
        barrier: shared by all.
    """

    rank: int
    size: int
    board: Tensor
    flags: Tensor
    barrier: Barrier

    def finished(self, mine: bool) -> bool:  # noqa: FBT001
        """Return rank 0's answer in every process, so that all leave their loops together."""
        if self.rank == 0:
            self.flags[0] = mine
        self.barrier.wait()
        answer = bool(self.flags[0])
        self.barrier.wait()
        return answer


def quick_dtype(device: torch.device) -> torch.dtype:
    """Return bf16 where the hardware multiplies in it, else fp32: a CPU that emulates bf16 is 20 times slower so."""
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - no public way
    return torch.bfloat16 if device.type != "cpu" or native else torch.float32


class Flat:
    """All parameters of some modules as views of one vector.

    Casting single weights, stepping the optimiser tensor by tensor and averaging between processes are what
    costs besides the convolutions on a CPU; on one flat vector each is one call.

    Args:
        modules: name → module, trained together; afterwards their parameters are `dtype`.
        ema: horizon of the running average: w ← ema·w + (1 − ema)·now at every step.
        dtype: of the networks' weights and gradients; None is the quick one of their device.
    """

    def __init__(
        self, modules: Mapping[str, nn.Module], ema: float, dtype: torch.dtype | None = None
    ) -> None:
        self.names = [(f"{key}.{name}", p) for key, m in modules.items() for name, p in m.named_parameters()]
        self.master = torch.cat([p.detach().float().reshape(-1) for _, p in self.names])
        self.average = self.master.clone()
        self.ema = ema
        self.steps = 0
        self.live = self.master.to(dtype or quick_dtype(self.master.device), copy=True)
        self.gradient = torch.zeros_like(self.live)
        for name, start, stop in self._spans():
            p = dict(self.names)[name]
            p.data = self.live[start:stop].view_as(p)
            p.grad = self.gradient[start:stop].view_as(p)
        self.optimiser = torch.optim.AdamW(
            [self.master], lr=0.0, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )

    def _spans(self) -> list[tuple[str, int, int]]:
        spans: list[tuple[str, int, int]] = []
        start = 0
        for name, p in self.names:
            spans.append((name, start, start + p.numel()))
            start += p.numel()
        return spans

    def step(self, lr: float, clip: float = 1.0) -> float:
        """Clip and apply the gradients collected since the last step; return their norm."""
        self.optimiser.param_groups[0]["lr"] = lr
        gradient = self.gradient.float()
        norm = float(gradient.norm())
        self.master.grad = gradient.mul_(min(1.0, clip / (norm + 1e-6)))
        if norm == norm:  # a NaN step is skipped  # noqa: PLR0124
            self.optimiser.step()
        self.gradient.zero_()
        self.live.copy_(self.master)
        self.steps += 1
        # A young average would remember the random start: shorten the horizon at first.
        self.average.lerp_(self.master, 1 - min(self.ema, self.steps / (self.steps + 10)))
        return norm

    def meet(self, team: Team) -> None:
        """Average the master weights of all processes; every process must call this equally often."""
        if team.size == 1:
            return
        team.board[team.rank].copy_(self.master)
        team.barrier.wait()
        torch.mean(team.board, dim=0, out=self.master)
        team.barrier.wait()
        self.live.copy_(self.master)

    def weights(self, *, averaged: bool) -> dict[str, Tensor]:
        """Return "module.parameter" → fp32 tensor, on the CPU, of the averaged or of the current weights."""
        vector = (self.average if averaged else self.master).cpu()
        shapes = {name: p.shape for name, p in self.names}
        return {name: vector[start:stop].view(shapes[name]).clone() for name, start, stop in self._spans()}


def load(modules: Mapping[str, nn.Module], weights: Mapping[str, Tensor]) -> None:
    """Copy "module.parameter" tensors into modules; every parameter must be there."""
    with torch.no_grad():
        for key, module in modules.items():
            for name, p in module.named_parameters():
                p.copy_(weights[f"{key}.{name}"])


def count(modules: Mapping[str, nn.Module]) -> int:
    """Return the number of parameters of all modules."""
    return sum(p.numel() for m in modules.values() for p in m.parameters())


def run(worker: Callable[..., None], workers: int, parameters: int, *args: Any) -> None:
    """Call `worker(team, *args)` in `workers` single-threaded processes and wait for them."""
    context = schedule.workers()
    board = torch.zeros(workers, parameters).share_memory_()
    flags = torch.zeros(1).share_memory_()
    barrier = context.Barrier(workers)
    processes = [
        context.Process(target=worker, args=(Team(rank, workers, board, flags, barrier), *args))
        for rank in range(workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        message = f"training stopped: exit codes {[process.exitcode for process in processes]}"
        raise RuntimeError(message)
