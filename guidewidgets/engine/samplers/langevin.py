"""The corrector: annealed Langevin steps towards the composed density itself.

The sum of scores of noised distributions is not the score of their noised product, so that walking along it ends
somewhere else (Du et al. 2023, Reduce, Reuse, Recycle, arXiv 2302.11552). Read as an energy, though, the sum defines a
distribution at every noise level, and the last of them is the product that was asked for. Some unadjusted Langevin
steps at each level, before the sampler goes on, keep to these distributions:

    x ← x - c σ_t ε*(x, t) + σ_t √(2c) z,    z ~ N(0, 1),

which is η = c σ_t² times the score -ε*/σ_t. Nothing is accepted or refused: the step size c leaves an error of its own
order. Each step costs one network evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any, final

from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.base import Coupling, Kick, Sampler
from guidewidgets.engine.samplers.noise import kick

MOST_STEPS = 1000
STREAM = 1  # keeps its noise apart from the sampler's own


@dataclass(frozen=True, slots=True)
class Corrector:
    """How to correct.

    Attributes:
        steps: Langevin steps at each noise level, 1 to 1000.
        size: c, above 0 and at most 1.
        start: fraction of the sampling steps from which on, in [0, 1).
        stop: up to which fraction, in (start, 1].
    """

    steps: int = 4
    size: float = 0.1
    start: float = 0.0
    stop: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_number("corrector's steps", self.steps, 1)
        for name in ("size", "start", "stop"):
            check_number(f"corrector's {name}", getattr(self, name), 0.0)
        if self.steps > MOST_STEPS or not 0 < self.size <= 1 or not self.start < self.stop <= 1:
            expected = f"steps from 1 to {MOST_STEPS}, 0 < size ≤ 1, 0 ≤ start < stop ≤ 1"
            message = f"corrector={asdict(self)}: expected {expected}"
            raise ValueError(message)

    @classmethod
    def of(cls, numbers: Mapping[str, Any] | None) -> Corrector | None:
        """From its numbers by name; None where there are none.

        Raises:
            ValueError, TypeError: a number is unknown or out of range.
        """
        if numbers is not None and not isinstance(numbers, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = (
                f"corrector={numbers!r:.60}: expected None or a dict such as {{'steps': 4, 'size': 0.1}}"
            )
            raise TypeError(message)
        if not numbers:
            return None
        names = [field.name for field in fields(cls)]
        if unknown := sorted(set(map(str, numbers)) - set(names)):
            message = f"corrector has no {', '.join(unknown)}: expected some of {', '.join(names)}"
            raise ValueError(message)
        given = dict(numbers)
        if isinstance(given.get("steps"), float) and given["steps"].is_integer():
            given["steps"] = int(given["steps"])  # as files have it, where all numbers are floats
        return cls(**given)

    def numbers(self) -> dict[str, float]:
        """All its numbers by name, as floats: what genomes hold, and files give back, has one hash."""
        return {name: float(value) for name, value in asdict(self).items()}


@final
class Corrected(Sampler):
    """A sampler with Langevin steps before each of its own.

    Samplers that carry two latents begin again from the corrected one wherever it acts, because their other latent
    belongs to a walk that was left. So no corrected walk can be undone.
    """

    def __init__(self, inner: Sampler, corrector: Corrector, seeds: Sequence[int]) -> None:
        """Correct the walk of a sampler.

        Args:
            inner: takes the steps between the noise levels.
            corrector: how to correct.
            seeds: of the noise of each image.
        """
        super().__init__(inner.schedule)
        self.members, self.pairs = inner.members, inner.pairs
        self._inner, self._corrector, self._seeds = inner, corrector, tuple(seeds)

    def couplings(self, k: int) -> tuple[Coupling, ...]:
        """Langevin steps of the newest latent, then the inner sampler's own step."""
        c = self._corrector
        if not c.start <= k / len(self.schedule) < c.stop:
            return self._inner.couplings(k)
        sigma, newest = self.schedule.strides[k].now.sigma, self._inner.newest(k)
        scale = sigma * (2 * c.size) ** 0.5
        kicks = [partial(kick, self._seeds, (STREAM, k, j), scale) for j in range(c.steps)]
        langevin = [Coupling(newest, newest, 1.0, noise=-c.size * sigma, kick=one) for one in kicks]
        return (*langevin, *self._inner.restart(k))

    def newest(self, k: int) -> int:
        """See `Sampler.newest`."""
        return self._inner.newest(k)

    def restart(self, k: int) -> tuple[Coupling, ...]:
        """See `Sampler.restart`."""
        return self._inner.restart(k)

    def noise(self, k: int) -> Kick | None:
        """See `Sampler.noise`."""
        return self._inner.noise(k)

    def amplification(self) -> float:
        """It cannot be undone."""
        return float("inf")
