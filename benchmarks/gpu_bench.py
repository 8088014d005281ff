"""What the benchmark of GPUs stands on: models, clocks, and the memory of the device."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from benchmarks.gpu_models import stable_diffusion
from guidewidgets.engine import Engine

SECONDS = 150.0
PROMPT, GUIDANCE = "a fox on a beach", 7.5


@dataclass
class Bench:
    """Where it is measured, and on what.

    Attributes:
        tiny: on the CPU, with tiny models.
        device, dtype: of the networks.
        steps: of denoising.
        ends: when there is no time for another row, in seconds of `perf_counter`.
    """

    tiny: bool
    steps: int = 10
    ends: float = field(default_factory=lambda: time.perf_counter() + SECONDS)

    def __post_init__(self) -> None:
        self.device = torch.device("cpu" if self.tiny else "cuda")
        self.dtype = torch.float32 if self.tiny else torch.float16
        self.steps = 2 if self.tiny else self.steps
        self.pipeline = stable_diffusion(self.device, self.dtype, tiny=self.tiny)
        self.engine = Engine.load(self.pipeline)

    def seconds(self, work: Callable[[], object]) -> float:
        """Wall time of one call, until the device has done it."""
        self.wait()
        start = time.perf_counter()
        work()
        self.wait()
        return time.perf_counter() - start

    def wait(self) -> None:
        """Until the device has nothing to do."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def ratio(self, ours: Callable[[], object], theirs: Callable[[], object], seconds: float) -> float:
        """Median of ours / theirs, one after the other, for so long; both were called before."""
        ends, found = time.perf_counter() + (0 if self.tiny else seconds), list[float]()
        for i in itertools.count():
            # The order alternates, so that a machine that slows down favours neither.
            first, second = (ours, theirs) if i % 2 else (theirs, ours)
            one, two = self.seconds(first), self.seconds(second)
            found.append(one / two if i % 2 else two / one)
            if time.perf_counter() > ends:
                return round(statistics.median(found), 3)
        raise AssertionError

    def peak(self, work: Callable[[], object]) -> int:
        """Bytes of the device beyond those held before, at most, during a call; 0 on a CPU."""
        if self.device.type != "cuda":
            work()
            return 0
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        held = torch.cuda.memory_allocated()
        work()
        return torch.cuda.max_memory_allocated() - held

    def render(self, n: int = 1, **how: Any) -> Tensor:
        """Pictures by the engine."""
        how = {"steps": self.steps, "guidance": GUIDANCE} | how
        return self.engine.render(self.engine.noise(n), PROMPT, **how)

    def theirs(self, n: int) -> Tensor:
        """Pictures of the same noise by the pipeline's own call."""
        return self.pipeline(
            PROMPT,
            latents=self.engine.noise(n).to(self.device, self.dtype),
            num_inference_steps=self.steps,
            guidance_scale=GUIDANCE,
            num_images_per_prompt=n,
            output_type="pt",
        ).images


def gradient(engine: Engine, steps: int, **how: Any) -> Tensor:
    """Of a loss of the picture, at its noise."""
    x = engine.noise(1).to(engine.device).requires_grad_()
    picture = engine.render(x, PROMPT, steps=steps, gradient="cached", **how)
    return torch.autograd.grad((picture - 0.3).square().mean(), x)[0]
