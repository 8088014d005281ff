"""Networks that are known in closed form: the exact noise in x_t for mixtures of Gaussians, walked by our own code."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from guidewidgets.engine.guidance.composition import combine, compose
from guidewidgets.engine.guidance.negation import Track
from guidewidgets.engine.samplers.base import to_prediction
from guidewidgets.engine.samplers.langevin import Corrected, Corrector
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.engine.samplers.schedule import Point, Schedule, Stride
from guidewidgets.prompt import Prompt


@dataclass
class Mixture:
    """Σ share · N(mean, diag(variance)) on the plane."""

    means: list[tuple[float, float]]
    variances: list[tuple[float, float]]
    shares: list[float]

    def epsilon(self, x: Tensor, point: Point) -> Tensor:
        """The noise that the best network would see in x_t, (n, 2)."""
        mean, variance, share = (
            torch.tensor(v, dtype=x.dtype) for v in (self.means, self.variances, self.shares)
        )
        spread = point.alpha**2 * variance + point.sigma**2
        off = x[:, None] - point.alpha * mean
        logs = share.log() - 0.5 * (off**2 / spread + spread.log()).sum(-1)
        return point.sigma * (torch.softmax(logs, 1)[..., None] * off / spread).sum(1)


def gaussian(mean: tuple[float, float], variance: float | tuple[float, float]) -> Mixture:
    """One Gaussian."""
    return Mixture([mean], [variance if isinstance(variance, tuple) else (variance, variance)], [1.0])


def karras(steps: int, most: float = 80.0, least: float = 0.002, rho: float = 7.0) -> Schedule:
    """Noise levels of Karras et al. 2022, and the clean end."""
    ramp = torch.linspace(0, 1, steps, dtype=torch.float64)
    sigmas = (most ** (1 / rho) + ramp * (least ** (1 / rho) - most ** (1 / rho))) ** rho
    points = [Point.of(1 / (1 + float(s) ** 2)) for s in sigmas] + [Point(1.0, 0.0)]
    strides = [Stride(k, points[k], points[k + 1]) for k in range(steps)]
    return Schedule(tuple(strides), "epsilon")


def sample(
    world: dict[str, Mixture],
    prompt: str,
    n: int = 4000,
    steps: int = 300,
    negation: str = "linear",
    corrector: dict | None = None,
    track: Track | None = None,
    seed: int = 0,
    sampler: str = "ddim",
    schedule: Schedule | None = None,
    guidance: float = 1.0,
) -> Tensor:
    """Samples (n, 2) of a prompt over a world of named densities; "" is the unconditional one."""
    schedule = schedule or karras(steps)
    composition = compose(Prompt.parse(prompt), guidance, None, negation)
    # Linear sums know no pixel from another: all samples are then pixels of one image, a thousand times as fast.
    images, pixels = (1, n) if negation == "linear" else (n, 1)
    x = torch.randn(images, 2, 1, pixels, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    posteriors = track or Track()

    def predict(x, stride, k):
        def ask(rows_of, rows):
            given = x[rows_of]
            answer = torch.empty_like(given)
            texts = [row.text for row in rows]
            for text in dict.fromkeys(texts):
                mine = torch.tensor([t == text for t in texts])
                flat = given[mine].movedim(1, -1)
                noise = world[text].epsilon(flat.reshape(-1, 2), stride.now)
                answer[mine] = noise.reshape(flat.shape).movedim(-1, 1)
            return answer

        noise = walk.noise(k)
        posterior = posteriors.at(k, stride, "epsilon", noise and noise(x))
        output = combine([composition] * images, ask, k / len(schedule), posterior)
        return to_prediction(output, x, stride, "epsilon")

    seeds = range(seed, seed + images)
    walk = make_sampler(sampler, schedule, seeds=seeds)
    if corrector:
        walk = Corrected(walk, Corrector.of(corrector), seeds)
    state = walk.start(x)
    for k in range(len(schedule)):
        state, _ = walk.step(state, k, predict)
    return state[0].movedim(1, -1).reshape(n, 2)
