"""The ways from one batch to the next, all of the same form: what was seen and picked → the latents to paint next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.samplers.noise import draw, generator
from guidewidgets.evolve import blend, voronoi_crossover
from guidewidgets.evolve.blend import on_sphere
from guidewidgets.preference.acquisition import choose
from guidewidgets.preference.gp import Batch, fit
from guidewidgets.preference.nevergrad import NevergradOptimizer, losses_of
from guidewidgets.preference.validation import left_out, trusted
from guidewidgets.session.operators.suggest import POOL

PICKS = 3
AGAIN = (
    1  # of the favourites, the nearest is shown again: no way loses its best, and few looks are spent on it
)


@dataclass
class Seen:
    """Everything one user has seen on one way.

    Attributes:
        shape: (C, H, W).
        n: images in a batch.
        latents: (k, C, H, W) all so far.
        features: (k, D) of `guide`, for ways that learn.
        batches: places of the images of each batch, favourites that were shown again included.
        picks: places of the favourites of each batch.
        sketch: latents → features of what they become in a few steps.
        memory: what a way keeps for itself.
    """

    shape: tuple[int, int, int]
    n: int
    sketch: Callable[[Tensor], np.ndarray]
    latents: Tensor = field(default_factory=lambda: torch.empty(0))
    features: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    batches: list[list[int]] = field(default_factory=list)
    picks: list[list[int]] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def parents(self) -> Tensor:
        """Latents of the newest favourites."""
        return self.latents[self.picks[-1]]

    def lessons(self, upto: int | None = None) -> tuple[dict[str, np.ndarray], list[Batch]]:
        """Features by name, and the batches as a taste learns from them."""
        batches = [
            Batch(tuple(map(str, batch)), tuple(int(i in picked) for i in batch))
            for batch, picked in zip(self.batches[:upto], self.picks[:upto], strict=True)
        ]
        return {str(i): row for i, row in enumerate(self.features)}, batches


Way = Callable[[Seen, int, int], Tensor]
"""(what was seen, how many, seed) → latents (n, C, H, W)."""


def random(seen: Seen, n: int, seed: int) -> Tensor:
    """Re-rolling."""
    return draw(n, seen.shape, seed)


def uniform(seen: Seen, n: int, seed: int) -> Tensor:
    """Uniform crossover: every latent pixel from a favourite drawn for it alone."""
    parents = seen.parents
    rows = []
    for i in range(n):
        owner = torch.randint(len(parents), seen.shape[1:], generator=generator(seed, i, 9))
        rows.append(torch.gather(parents, 0, owner[None, None].expand(1, seen.shape[0], -1, -1))[0])
    return torch.stack(rows)


def slerp(seen: Seen, n: int, seed: int) -> Tensor:
    """Blends on the sphere."""
    return blend(seen.parents, n, seed)[0]


def literal(seen: Seen, n: int, seed: int) -> Tensor:
    """The source's rule: two cells per favourite, no new noise."""
    return voronoi_crossover(seen.parents, n, cells=2 * len(seen.parents), fresh=0, seed=seed)[0]


def voronoi(seen: Seen, n: int, seed: int) -> Tensor:
    """Our defaults."""
    return voronoi_crossover(seen.parents, n, seed=seed)[0]


def taught(seen: Seen, n: int, seed: int) -> Tensor:
    """Our defaults with the learned taste: many children are sketched, the most promising painted; as `suggest`."""
    features, batches = seen.lessons()
    taste = fit(features, batches)
    if taste is None or not trusted(left_out(features, batches)):
        return voronoi(seen, n, seed)
    pool = voronoi(seen, POOL * n, seed)
    chosen, guided = choose(taste, seen.sketch(pool), n, seed)
    seen.memory.setdefault("guided", {})[len(seen.batches)] = guided.tolist()
    return pool[chosen]


def nevergrad(seen: Seen, n: int, seed: int) -> Tensor:
    """CMA in the span of the favourites of the first two batches, the second of which is random too."""
    if len(seen.batches) < 2:
        return random(seen, n, seed)
    if "asker" not in seen.memory:
        span = list(dict.fromkeys(i for picks in seen.picks for i in picks))
        seen.memory |= {
            "span": seen.latents[span],
            "asker": NevergradOptimizer("CMA", len(span), n=n, seed=seed),
        }
    asker: NevergradOptimizer = seen.memory["asker"]
    if "tokens" in seen.memory:
        picked = seen.picks[-1]
        grades = [int(i in picked) for i in seen.batches[-1]][-n:]
        asker.tell(seen.memory["tokens"], losses_of(grades))
    asked = asker.ask(n)
    seen.memory["tokens"] = [token for token, _ in asked]
    weights = torch.tensor([point.weights for _, point in asked], dtype=torch.float64)
    return on_sphere(seen.memory["span"], weights)


WAYS: dict[str, tuple[Way, int]] = {
    "random": (random, 0),
    "uniform crossover": (uniform, AGAIN),
    "slerp": (slerp, AGAIN),
    "literal Voronoi": (literal, AGAIN),
    "Voronoi": (voronoi, AGAIN),
    "Voronoi + taste": (taught, AGAIN),
    "nevergrad CMA": (nevergrad, AGAIN),
}
"""Name → (way, how many favourites it shows again in every batch)."""


def precision(seen: Seen, top: int = 3) -> list[tuple[float, float]]:
    """(share of the taste's top images that were picked, share by chance) of every batch it had something to go by.

    The taste knows the batches before; images that are shown again are left out of both.
    """
    found: list[tuple[float, float]] = []
    for k in range(1, len(seen.batches)):
        old = {i for batch in seen.batches[:k] for i in batch}
        fresh = [i for i in seen.batches[k] if i not in old]
        picked = [i in seen.picks[k] for i in fresh]
        features, batches = seen.lessons(k)
        taste = fit(features, batches)
        if taste is None or not any(picked) or len(fresh) <= top:
            continue
        mean, _ = taste.predict(seen.features[fresh])
        best: Sequence[int] = np.argsort(-mean, kind="stable")[:top].tolist()
        found.append((float(np.mean([picked[i] for i in best])), float(np.mean(picked))))
    return found
