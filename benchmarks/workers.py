"""Workers against this process, in turn: 50 pictures of the embedded model, one thread each.

Budgets: one worker ≤ 1.03 × the CPU time of this process alone; two against one ≥ 1.9 × as fast; a cancelled worker is
free within a step and 60 ms.

`python -m benchmarks.workers [pairs] [steps]`. Wall times say something only where nothing else runs. CPU times do so
on a shared machine too: they are those of this process and of its workers together, and the speed-up by them is what
two workers would come to that had a core each. Still, who shares caches and memory with others takes more CPU time: so
two workers are compared with two engines of a worker each too, which share a machine and nothing else; and their
balance is what is left of a speed-up of two when both take the time that the longer one takes.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psutil
import torch

from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.engine.workers.renderer import Order
from guidewidgets.genome import Genome

PICTURES = 50


@dataclass(frozen=True)
class Cost:
    """Seconds of one go: by the clock, of this process, and of each of its workers."""

    wall: float
    here: float
    workers: Sequence[float]

    @property
    def cpu(self) -> float:
        """Of all processes."""
        return self.here + sum(self.workers)

    @property
    def longest(self) -> float:
        """By the clock, had every worker a core."""
        return self.here + max(self.workers)


def pids(engine: Engine) -> list[int]:
    """Of its workers."""
    return [] if engine.pool is None else [link.ready.pid for link in engine.pool._links if link.ready]


def cpu_seconds(pid: int | None = None) -> float:
    """That a process has used."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def cost(engine: Engine, genomes: Sequence[Genome]) -> Cost:
    """Of painting them."""
    before, start = [cpu_seconds(pid) for pid in (None, *pids(engine))], time.perf_counter()
    for _ in engine.renderer.render(genomes, Order()):
        pass
    wall = time.perf_counter() - start
    here, *workers = (cpu_seconds(pid) - b for pid, b in zip((None, *pids(engine)), before, strict=True))
    return Cost(wall, here, workers)


def compared(first: Engine, second: Engine, genomes: Sequence[Genome], count: int) -> list[tuple[Cost, Cost]]:
    """Both in turn, so that a machine that slows down favours neither."""
    rows: list[tuple[Cost, Cost]] = []
    for i in range(count):
        costs = {engine: cost(engine, genomes) for engine in ((first, second) if i % 2 else (second, first))}
        rows.append((costs[first], costs[second]))
    return rows


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and range."""
    three = statistics.median(values), min(values), max(values)
    return {name: round(v, 4) for name, v in zip(("median", "min", "max"), three, strict=True)}


def moments(engine: Engine, genomes: Sequence[Genome]) -> tuple[float, float, float, float]:
    """Milliseconds of a worker.

    From its first step to its preview here; from cancelling until it is free, and from the end of the step that it was
    in the middle of; and of its first step.
    """
    assert engine.pool is not None
    (link,) = engine.pool._links
    stepped, heard = engine.pool._stepped, [0.0]
    engine.pool._stepped = lambda *given: (heard.append(time.perf_counter()), stepped(*given))
    start = time.perf_counter()
    frames = engine.renderer.render(genomes, Order())
    while next(frames) is None:
        pass
    seen = time.perf_counter() - start
    step = link.seconds * len(genomes)
    start = time.perf_counter()
    frames.close()
    while link.chunks:
        time.sleep(0.0005)
    end = time.perf_counter()
    del engine.pool._stepped
    times = seen - step, end - start, end - max(start, heard[-1]), step
    return 1000 * times[0], 1000 * times[1], 1000 * times[2], 1000 * times[3]


def apart(engines: Sequence[Engine], genomes: Sequence[Genome]) -> Cost:
    """The same by as many engines as there are, none of which knows of the others."""
    count = len(engines)
    with ThreadPoolExecutor() as threads:
        parts = list(threads.map(lambda i: cost(engines[i], genomes[i::count]), range(count)))
    here = max(part.here for part in parts)  # of the same process: each has counted all of it
    return Cost(max(part.wall for part in parts), here, [part.workers[0] for part in parts])


def main(count: int, steps: int) -> None:
    """Measure `count` pairs of each and write."""
    torch.set_num_threads(1)
    alone, one, other, two = Engine.load(), *(Engine.load(workers=n) for n in (1, 1, 2))
    genomes = alone.genomes(alone.noise(PICTURES), "a fox on a beach", steps=steps)
    for engine in (alone, one, other, two):
        cost(engine, genomes[:4])
    overhead = compared(one, alone, genomes, count)
    both = compared(two, one, genomes, count)
    strangers = [(cost(two, genomes), apart([one, other], genomes)) for _ in range(count)]
    twelve = genomes[:12]
    rows = [moments(one, twelve) for _ in range(4 * count)]
    preview, cancelled, beyond, step = zip(*rows, strict=True)
    figures: dict[str, Any] = {
        "pictures": PICTURES,
        "steps": steps,
        "pairs": count,
        "one_worker_cpu_ratio": spread([a.cpu / b.cpu for a, b in overhead]),
        "one_worker_wall_ratio": spread([a.wall / b.wall for a, b in overhead]),
        "one_worker_share_of_this_process": spread([a.here / a.cpu for a, _ in overhead]),
        "two_workers_cpu_ratio": spread([a.cpu / b.cpu for a, b in both]),
        "two_workers_speed_up_with_a_core_each": spread([b.longest / a.longest for a, b in both]),
        "two_workers_balance": spread([sum(a.workers) / (2 * max(a.workers)) for a, _ in both]),
        "two_workers_against_two_engines_of_one": spread([a.longest / b.longest for a, b in strangers]),
        "two_workers_speed_up_by_the_clock": spread([b.wall / a.wall for a, b in both]),
        "one_worker_seconds_with_a_core": spread([b.longest for _, b in both]),
        "two_workers_seconds_with_a_core_each": spread([a.longest for a, _ in both]),
        "two_workers_seconds_of_this_process": spread([a.here for a, _ in both]),
        "preview_after_first_step_ms": spread(preview),
        "cancel_ms": spread(cancelled),
        "cancel_beyond_the_step_under_way_ms": spread(beyond),
        "step_of_12_ms": spread(step),
    }
    for engine in (one, other, two):
        assert engine.pool is not None
        engine.pool.close()
    write("workers", figures)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*given, *(5, 6)[len(given) :])
