"""Workers by the hundred, simulated: 64 GPUs on 16 hosts, 1,000 pictures; where time goes, and what breaks first.

A model of discrete events with the package's own division into chunks. Four things take time: a worker makes a step
of its chunk; the wire into this process carries what it says; this process reads it, hands out the next chunk and keeps
films, one thing after the other; its threads save what is finished. It is checked against the runs that
`benchmarks.workers` measured. What this process takes for a picture is measured here, with the package's own functions;
a GPU's step and the wire are assumptions. After `python -m benchmarks.workers`.
"""

from __future__ import annotations

import heapq
import io
import itertools
import json
import pickle
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.engine.workers.messages import Step
from guidewidgets.engine.workers.renderer import Done, Order
from guidewidgets.engine.workers.run import Run
from guidewidgets.session.storage.contents import WRITERS
from guidewidgets.session.storage.disk import encode_image
from guidewidgets.session.worker.filmstrip import FilmstripRecorder, chosen

PREVIEW = "preview", "read", "film"  # the costs of one


@dataclass(frozen=True)
class Site:
    """What there is, in seconds and bytes.

    Attributes:
        workers: of them.
        pictures, steps: that are asked for.
        row: of a worker, for a step of a picture.
        read, film: of this process, for a preview: reading it, and keeping it for the film.
        read_finished: of this process, for a finished picture.
        save: of one of its threads, likewise.
        preview: bytes of one.
        finished: bytes of a finished picture.
        wire: bytes a second into this process.
        load: seconds until a worker is ready.
    """

    workers: int
    pictures: int
    steps: int
    row: float
    read: float = 0.0
    film: float = 0.0
    read_finished: float = 0.0
    save: float = 0.0
    preview: int = 0
    finished: int = 0
    wire: float = 1e12
    load: float = 0.0


class Simulation:
    """What happens, in order; every method takes the time at which it does."""

    def __init__(self, site: Site, run: Run) -> None:
        self.site, self.run, self.kept = site, run, chosen(site.steps)
        self.left = [0.0] * site.workers  # when each will have painted what it has
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.order = itertools.count()
        self.free: dict[str, float] = defaultdict(float)  # when a resource has done all it was given
        self.busy: dict[str, float] = defaultdict(float)
        self.idle = self.end = 0.0

    def at(self, when: float, what: Callable[[float], None]) -> None:
        """Do it then."""
        heapq.heappush(self.events, (when, next(self.order), what))

    def take(self, resource: str, now: float, seconds: float) -> float:
        """When a resource will have done it."""
        self.free[resource] = max(now, self.free[resource]) + seconds
        self.busy[resource] += seconds
        return self.free[resource]

    def give(self, worker: int, now: float, since: float) -> None:
        """The next chunk, to a worker that waits for it since then."""
        picture = self.site.steps * self.site.row
        left = [max(0.0, end - now) / picture for end in self.left]
        others = [(self.site.row, one) for i, one in enumerate(left) if i != worker]
        chunk = self.run.next_chunk(worker, self.site.row, others, next(self.order))
        if chunk is not None:
            self.idle += now - since
            self.left[worker] = now + picture * len(chunk.places)
            self.begin(worker, len(chunk.places), 1, now)

    def begin(self, worker: int, n: int, step: int, now: float) -> None:
        """A step of n pictures."""
        self.busy["workers"] += self.site.row * n / self.site.workers
        self.at(now + self.site.row * n, lambda t: self.stepped(worker, n, step, t))

    def stepped(self, worker: int, n: int, step: int, now: float) -> None:
        """It is made."""
        last = step == self.site.steps
        if not last:
            self.begin(worker, n, step + 1, now)
        size = self.site.finished if last else self.site.preview
        there = self.take("wire", now, n * size / self.site.wire)
        self.at(there, lambda t: self.heard(worker, n, step, now, t))

    def heard(self, worker: int, n: int, step: int, since: float, now: float) -> None:
        """This process has it."""
        last = step == self.site.steps
        read = self.site.read_finished if last else self.site.read
        known = self.take("this process", now, n * read)
        if last:
            self.at(known, lambda t: self.give(worker, t, since))
        self.end = max(self.end, self.take("this process", now, n * self.site.film * (step in self.kept)))
        if last:
            self.at(known, lambda t: self.saved(n, t))

    def saved(self, n: int, now: float) -> None:
        """They are on disk."""
        self.end = max(self.end, self.take("its threads that save", now, n * self.site.save / WRITERS))

    def results(self) -> dict[str, float]:
        """Seconds until all are painted, and shares of them that each resource was at work."""
        for worker in range(self.site.workers):
            self.at(self.site.load, lambda t, worker=worker: self.give(worker, t, t))
        while self.events:
            now, _, what = heapq.heappop(self.events)
            what(now)
        site = self.site
        best = site.load + site.pictures * site.steps * site.row / site.workers
        told = {"seconds": self.end, "times_the_best": self.end / best}
        told["share_of_waiting_for_chunks"] = self.idle / (site.workers * self.end)
        told |= {f"share_of_{name.replace(' ', '_')}": spent / self.end for name, spent in self.busy.items()}
        return {name: round(value, 3) for name, value in told.items()}


def each(count: int, call: Callable[[], object]) -> float:
    """Seconds of CPU of a call."""
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count


def costs(side: int) -> dict[str, float]:
    """What this process takes for pictures of that side, by the names of `Site`."""
    rng = np.random.default_rng(0)
    smooth = Image.fromarray(rng.integers(0, 256, (side // 8, side // 8, 3), np.uint8)).resize((side, side))
    noisy = np.asarray(smooth).astype(int) + rng.integers(-4, 5, (side, side, 3))
    pixels = noisy.clip(0, 255).astype(np.uint8)[None]
    said = pickle.dumps(Step(0, 1, 30, pixels, Done(torch.zeros(1, 4, side // 8, side // 8)), 0.1, ()))
    film = FilmstripRecorder()
    return {
        "read": each(20, lambda: pickle.load(io.BytesIO(said))),  # noqa: S301 - made above
        "read_finished": each(20, lambda: pickle.load(io.BytesIO(said))),  # noqa: S301 - likewise
        "film": each(20, lambda: film.see(1, 30, [0], pixels)),
        "save": each(3, lambda: encode_image(Image.fromarray(pixels[0]))),
        "preview": pixels.nbytes,
        "finished": len(said),
    }


def main() -> None:
    """Check against the measured runs, simulate, write."""
    engine = Engine.load()

    def go(site: Site) -> dict[str, float]:
        x = torch.zeros(site.pictures, *engine.latent_shape)
        return Simulation(site, Run(engine.genomes(x, "a fox", steps=site.steps), Order())).results()

    measured = json.loads((RESULTS / "workers.json").read_text())["figures"]
    pictures, steps = measured["pictures"], measured["steps"]
    one, two = (
        measured[name]["median"]
        for name in ("one_worker_seconds_with_a_core", "two_workers_seconds_with_a_core_each")
    )
    here = measured["two_workers_seconds_of_this_process"]["median"] / (pictures * steps)
    small = Site(1, pictures, steps, one / (pictures * steps), read=here, read_finished=here)
    check = {str(n): go(replace(small, workers=n))["seconds"] for n in (1, 2)}
    shared = small.row * measured["two_workers_cpu_ratio"]["median"]
    finished, seen, tile = (
        costs(1024),
        costs(512),
        costs(256),
    )  # a preview has half the side of an f8 model's picture
    large = Site(64, 1000, 30, 0.06, wire=1.25e9, load=30.0, **finished | {k: seen[k] for k in PREVIEW})  # pyright: ignore[reportArgumentType]
    variants: dict[str, Site] = {
        "as it is": large,
        "a wire of 100 Gbit/s": replace(large, wire=1.25e10),
        "previews of 256 px": replace(large, **{k: tile[k] for k in PREVIEW}),
        "saving in no time": replace(large, save=0.0),
    }
    grown = {str(n): go(replace(large, workers=n))["times_the_best"] for n in (4, 8, 16, 32, 64)}
    figures: dict[str, Any] = {
        "measured_seconds": {"1": one, "2": two},
        "simulated_seconds": check,
        "simulated_seconds_with_the_cpu_time_that_two_took": go(replace(small, workers=2, row=shared))[
            "seconds"
        ],
        "site": asdict(large),
        "variants": {name: go(site) for name, site in variants.items()},
        "times_the_best_by_workers": grown,
    }
    write("workers_simulated", figures)


if __name__ == "__main__":
    main()
