"""nevergrad where it is good: in few dimensions. Weights of favourites on the sphere, and numbers of the recipe.

On raw latents its differential evolution inflates the standard deviation to 3 or 4 within ten rounds, where a model
expects 1. In the span of m favourites a point is m weights, and every latent keeps its parents' length (`on_sphere`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from guidewidgets.engine.check import check_number

REHEARSED = (
    40  # asks that must work, and as many more as there are pairs of dimensions, before an optimizer is used
)


@dataclass(frozen=True, slots=True)
class Point:
    """What is asked about: weights of the favourites, of any sign and scale, and the recipe's numbers by name."""

    weights: tuple[float, ...]
    numbers: Mapping[str, float]


@final
class NevergradOptimizer:
    """Ask and tell with an optimizer of nevergrad, by its registered name."""

    def __init__(
        self,
        name: str,
        favourites: int,
        bounds: Mapping[str, tuple[float, float]] | None = None,
        n: int = 12,
        budget: int = 600,
        seed: int = 0,
    ) -> None:
        """Set an optimizer up.

        Args:
            name: registered in nevergrad, such as "CMA", "DE", "OnePlusOne".
            favourites: how many span the space, at least 2.
            bounds: the recipe's numbers that vary, by name: (lowest, highest), both above 0.
            n: how many are asked for at once.
            budget: how many will be asked for in all; some optimizers plan with it.
            seed: non-negative int.

        Raises:
            ValueError: no such optimizer, one that does not work here (the message says why), or a bad argument.
            ImportError: nevergrad is not installed.
        """
        check_number("favourites", favourites, 2)
        check_number("seed", seed, 0)
        for key, (low, high) in (bounds or {}).items():
            if not 0 < low < high:
                message = f"{key}=({low!r}, {high!r}): expected two numbers above 0, the smaller first"
                raise ValueError(message)
        check_number("n", n, 1)
        self.name, self._bounds = name, dict(bounds or {})
        _check_name(name)
        self.sequential = bool(getattr(_nevergrad().optimizers.registry[name], "no_parallelization", False))
        self._pending: list[Any] = []  # of an optimizer that goes one by one: asked for, not told
        self._check_one(n)

        def make() -> Any:
            return _optimizer(name, favourites, self._bounds, n, budget, seed)

        _rehearse(name, make, n, favourites + len(self._bounds))
        self._optimizer = make()

    def ask(self, n: int) -> list[tuple[Any, Point]]:
        """What to try next: n tokens to `tell` about, each with its point.

        An optimizer that goes one by one says the same again until it was told how it went.

        Raises:
            ValueError: more than one of an optimizer that goes one by one.
        """
        self._check_one(check_number("n", n, 1))
        with _quiet():
            asked = self._pending or [self._optimizer.ask() for _ in range(n)]
        self._pending = asked if self.sequential else []
        return [(one, self._point(one.value)) for one in asked]

    def tell(self, tokens: Sequence[Any], losses: Sequence[float]) -> None:
        """How it went; smaller is better.

        Raises:
            ValueError: not one finite loss for each.
        """
        if len(losses) != len(tokens) or not np.isfinite(losses).all():
            message = f"{len(losses)} losses for {len(tokens)} points: expected one finite number for each"
            raise ValueError(message)
        with _quiet():
            for token, loss in zip(tokens, losses, strict=True):
                self._optimizer.tell(token, float(loss))
            self._pending = []
            if self.sequential:
                # A thread of its own thinks of the next one, and may warn meanwhile.
                with suppress(Exception):  # what went wrong is said by the next ask
                    self._pending = [self._optimizer.ask()]

    def _check_one(self, n: int) -> None:
        if self.sequential and n > 1:
            raise ValueError(
                f"optimizer {self.name!r} goes one by one, by how the last one went: expected n=1, not n={n}"
            )

    def _point(self, value: Mapping[str, Any]) -> Point:
        weights = np.asarray(value["weights"], np.float64)
        if np.linalg.norm(weights) < 1e-6:  # the middle of the sphere has no direction
            weights = np.ones_like(weights)
        weights = weights / np.linalg.norm(weights)
        return Point(tuple(map(float, weights)), {key: float(value[key]) for key in self._bounds})


def names() -> list[str]:
    """Names that nevergrad registers."""
    return sorted(_nevergrad().optimizers.registry)


def _nevergrad() -> Any:
    try:
        with _quiet():
            import nevergrad
            from nevergrad.optimization import recaster
    except ImportError as error:
        raise ImportError("nevergrad is not installed: pip install 'guidewidgets[lab]'") from error
    # Optimizers that are refused before they have this stumble over it once more, with a traceback, when they go.
    stumbling: Any = recaster.RecastOptimizer
    stumbling._messaging_thread = None  # noqa: SLF001
    return nevergrad


def _check_name(name: str) -> None:
    if name not in _nevergrad().optimizers.registry:
        near = [known for known in names() if known.lower().startswith(name.lower()[:3])][:8]
        raise ValueError(
            f"optimizer {name!r}: nevergrad knows none of this name; similar: {', '.join(near) or 'CMA, DE'}"
        )


def _optimizer(
    name: str, favourites: int, bounds: Mapping[str, tuple[float, float]], n: int, budget: int, seed: int
) -> Any:
    ng = _nevergrad()
    # Weights start at the favourites' middle and reach each of them; a span has no bounds.
    parts = {"weights": ng.p.Array(init=np.full(favourites, favourites**-0.5)).set_mutation(sigma=0.5)}
    parts |= {key: ng.p.Log(lower=low, upper=high) for key, (low, high) in bounds.items()}
    space = ng.p.Dict(**parts)
    space.random_state.seed(seed % 2**32)
    with _quiet():
        return ng.optimizers.registry[name](parametrization=space, budget=budget, num_workers=n)


def _rehearse(name: str, make: Callable[[], Any], n: int, dimensions: int) -> None:
    """Let a copy of the optimizer run on losses like those of stars, so that what breaks does so before it matters."""
    rng = np.random.Generator(np.random.PCG64(0))
    rounds = -(-(REHEARSED + dimensions * (dimensions + 1)) // n)
    try:
        with _quiet():
            optimizer = make()
            for _ in range(rounds):
                asked = [optimizer.ask() for _ in range(n)]
                for one in asked:
                    optimizer.tell(one, float(rng.integers(3)) + 1e-3 * float(rng.random()))
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        reason = f"{type(error).__name__}: {first}"
        if "0-dimensional" in first:
            reason += (
                f" (nevergrad's metamodel does not know numpy {np.__version__}; numpy below 2.4 would do)"
            )
        raise ValueError(f"optimizer {name!r} does not work here: {reason}") from error


@contextmanager
def _quiet() -> Generator[None]:
    """Optimizers warn about budgets, workers and inefficiency; none of that is the user's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def losses_of(grades: Sequence[int]) -> list[float]:
    """Stars as losses: 0 starred, 1 nothing said, 2 rejected."""
    return [float(1 - grade) for grade in grades]
