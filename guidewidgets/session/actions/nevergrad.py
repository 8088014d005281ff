"""Ask and tell with an optimizer of nevergrad over the favourites, by stars or by an objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import numpy as np
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.guide.losses import Losses
from guidewidgets.preference.nevergrad import NevergradOptimizer, Point, losses_of
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.job import Job
from guidewidgets.session.operators.base import Parents
from guidewidgets.session.operators.blend import Blend
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

NUMBERS = ("guidance",)  # of the recipe that can vary from child to child


@final
class NevergradRun:
    """Ask and tell over a session's favourites; made by `Session.optimizer`.

    Attributes:
        name: of the optimizer.
        parents: numbers of the candidates that span the space.
        best: (loss, candidate's number) of the best it was told of, or None.
    """

    def __init__(
        self,
        mix: Callable[..., Job],
        engine: Callable[[], Engine],
        asker: NevergradOptimizer,
        parents: list[int],
    ) -> None:
        self.name, self.parents = asker.name, parents
        self.best: tuple[float, int] | None = None
        self._mix, self._engine, self._asker = mix, engine, asker
        self._asked: tuple[Job, list[Any]] | None = None

    def ask(self, n: int = 12, **overrides: Any) -> Job:
        """Queue candidates at the points the optimizer wants to know about.

        Args:
            n: how many at most: one that goes one by one is asked for one.
            **overrides: settings as in `Session.mix`.
        """
        asked = self._asker.ask(1 if self._asker.sequential else n)
        points = [point for _, point in asked]
        job = self._mix(self.parents, [p.weights for p in points], **_numbers(points), **overrides)
        self._asked = job, [token for token, _ in asked]
        return job

    def tell(self, losses: Mapping[int, float] | None = None) -> None:
        """Tell how the candidates asked for last went.

        Args:
            losses: candidate's number → loss, smaller is better, for all or some; None: by stars (0), nothing said (1)
                and rejections (2).

        Raises:
            ValueError: nothing was asked for, or it is not finished, or a loss is not finite.
            KeyError: a candidate that was not asked for.
        """
        if self._asked is None:
            raise ValueError("nothing to tell about: ask() first")
        job, tokens = self._asked
        if job.result is None:
            message = f"the candidates asked for are not finished: {job.state}; wait for the job first"
            raise ValueError(message)
        places = dict(zip(job.slots, tokens, strict=True))
        made = list(job.result)
        losses_by_number = _stars(made) if losses is None else dict(losses)
        if strangers := [number for number in losses_by_number if number not in places]:
            raise KeyError(f"candidate {strangers[0]} was not asked for: expected some of {list(places)}")
        self._asker.tell([places[i] for i in losses_by_number], list(losses_by_number.values()))
        ranked = [(loss, number) for number, loss in losses_by_number.items()]
        self.best = min([*ranked, *([self.best] if self.best else [])], default=None)
        self._asked = None

    def run(self, objective: Objective, rounds: int = 5, n: int = 12, **overrides: Any) -> Generation:
        """Ask and tell by an objective, several times over; waits, so the kernel is busy meanwhile.

        Returns:
            The last generation; `best` says which candidate of all rounds was the best.

        Raises:
            ValueError: the objective needs an encoder and there is none.
        """
        losses = Losses(objective, encoder_of(self._engine()))
        made: Generation | None = None
        for _ in range(check_number("rounds", rounds, 1)):
            made = self.ask(n, **overrides).wait()
            self.tell({c.id: value for c, value in zip(made, _judged(losses, list(made)), strict=True)})
        assert made is not None  # noqa: S101 - at least one round
        return made

    def __repr__(self) -> str:
        best = "nothing told yet" if self.best is None else f"best {self.best[1]} at {self.best[0]:.4g}"
        return f"<NevergradRun {self.name} over candidates {self.parents}: {best}>"


def over(
    favourites: Parents,
    mix: Callable[..., Job],
    engine: Callable[[], Engine],
    name: str,
    bounds: Mapping[str, tuple[float, float]],
    n: int,
    budget: int,
    seed: int,
) -> NevergradRun:
    """An optimizer over the different ones of these; see `Session.optimizer`."""
    found = Parents({c.hash: c for c in favourites}.values())
    if len(found) < 2:
        raise ValueError(
            f"an optimizer mixes favourites: star at least two images first (there are {len(found)})"
        )
    Blend(found, 1).check(engine())  # refuses parents that do not fit together
    asker = NevergradOptimizer(name, len(found), bounds, n, budget, seed)
    return NevergradRun(mix, engine, asker, [c.id for c in found])


def _numbers(points: Sequence[Point]) -> dict[str, list[float]]:
    return {f"{name}s": [p.numbers[name] for p in points] for name in NUMBERS if name in points[0].numbers}


def _stars(made: Sequence[Candidate]) -> dict[int, float]:
    grades = [int(c.starred) - int(c.rejected) for c in made]
    return {c.id: loss for c, loss in zip(made, losses_of(grades), strict=True)}


def _judged(losses: Losses, made: Sequence[Candidate]) -> list[float]:
    images = np.stack([np.asarray(c.image, np.float32) / 255 for c in made])
    with torch.no_grad():
        terms = losses.terms(torch.from_numpy(images).permute(0, 3, 1, 2), 0)
        return losses.total(terms).tolist()
