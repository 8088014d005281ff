"""Optimizers of nevergrad over the favourites: ask for candidates, tell by stars or by an objective."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Unpack, final

import numpy as np
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.blend import on_sphere
from guidewidgets.evolve.embedding import blend_offsets
from guidewidgets.evolve.nevergrad import NevergradOptimizer, Point, losses_of
from guidewidgets.genome import Recipe
from guidewidgets.session.actions import operators
from guidewidgets.session.actions.preference import Tasting
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.job import Job
from guidewidgets.session.recording.calls import recorded
from guidewidgets.session.settings import Overrides, Settings
from guidewidgets.session.worker.launcher import LIMIT
from guidewidgets.session.worker.render import Offspring
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

NUMBERS = ("guidance",)  # of the recipe that can vary from child to child


class Tuning(Tasting):
    """What mixes favourites by numbers; see `Session`."""

    @recorded
    def mix(
        self,
        parents: Sequence[int],
        weights: Sequence[Sequence[float]],
        *,
        guidances: Sequence[float] | None = None,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Weighted sums of whole candidates, brought back to the sphere their latents lie on; see `evolve.on_sphere`.

        Args:
            parents: candidate numbers, at least two.
            weights: one row for each child, one weight of any sign for each parent.
            guidances: one guidance scale for each child; None: the session's.
            seed: of the branches of an OR; see `sample`, as for `limit` and `overrides`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders = self._parents(parents)
        settings = self._settings(overrides | {"size": elders[0].genome.size})
        rows = _checked(weights, len(elders))
        scales = [settings.guidance] * len(rows) if guidances is None else list(guidances)
        if len(scales) != len(rows):
            message = f"{len(scales)} guidances for {len(rows)} children: expected one for each"
            raise ValueError(message)
        scales = [check_number("guidance", scale, 0.0) for scale in scales]
        _mixed(
            self.engine, settings, elders, rows, scales, 0
        )  # refuses bad arguments before anything is queued
        return self._launch(
            "mix",
            len(rows),
            settings,
            seed,
            limit,
            lambda s: _mixed(self.engine, settings, elders, rows, scales, s),
        )

    def optimizer(
        self,
        name: str = "CMA",
        parents: Sequence[int] | None = None,
        *,
        guidance: tuple[float, float] | None = None,
        n: int = 12,
        budget: int = 600,
        seed: int = 0,
    ) -> NevergradRun:
        """An optimizer of nevergrad that mixes the favourites, by ask and tell.

            best = s.optimizer("CMA")
            best.ask(12)                 # a job; star what you like of it, then
            best.tell()                  # the stars are told, and
            best.ask(12)                 # what comes next knows of them
            best.run(gw.ClipText("a red fox"), rounds=5)     # or an objective tells, five times over

        Args:
            name: registered in nevergrad: "CMA", "DE", "TwoPointsDE", "OnePlusOne" …
            parents: candidate numbers that span the space; None: all that are starred in the history, at least two.
            guidance: lowest and highest guidance scale, where that is to vary too.
            n: how many are asked for at once, as a rule; 1 for those that go one by one: "NelderMead", "Cobyla",
                "SQP", "BFGS" …
            budget: how many will be asked for in all; some optimizers plan with it.
            seed: of the optimizer, a non-negative int.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range, or the optimizer does not work here; the
                message says why.
            ImportError: nevergrad is not installed.
        """
        numbers = [c.id for g in self._state.generations() for c in g.starred] if parents is None else parents
        elders = list({c.hash: c for c in self._parents(list(numbers) or None)}.values())
        if len(elders) < 2:
            message = (
                f"an optimizer mixes favourites: star at least two images first (there are {len(elders)})"
            )
            raise ValueError(message)
        operators.blend(
            self.engine, self._settings({}), elders, 1, 0
        )  # refuses parents that do not fit together
        bounds = {} if guidance is None else {"guidance": guidance}
        return NevergradRun(
            self, NevergradOptimizer(name, len(elders), bounds, n, budget, seed), [c.id for c in elders]
        )


@final
class NevergradRun:
    """Ask and tell over a session's favourites; made by `Session.optimizer`.

    Attributes:
        name: of the optimizer.
        parents: numbers of the candidates that span the space.
        best: (loss, candidate's number) of the best it was told of, or None.
    """

    def __init__(self, session: Tuning, asker: NevergradOptimizer, parents: list[int]) -> None:
        self.name, self.parents = asker.name, parents
        self.best: tuple[float, int] | None = None
        self._session, self._asker = session, asker
        self._asked: tuple[Job, list[Any]] | None = None

    def ask(self, n: int | None = None, **overrides: Any) -> Job:
        """Queue candidates at the points the optimizer wants to know about.

        Args:
            n: how many; None: as many as the optimizer was made for.
            **overrides: settings as in `Session.mix`.

        Raises:
            ValueError: more than one of an optimizer that goes one by one.
        """
        asked = self._asker.ask(self._asker.n if n is None else n)
        points = [point for _, point in asked]
        job = self._session.mix(self.parents, [p.weights for p in points], **_numbers(points), **overrides)
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
            message = "nothing to tell about: ask() first"
            raise ValueError(message)
        job, tokens = self._asked
        if job.result is None:
            message = f"the candidates asked for are not finished: {job.state}; wait for the job first"
            raise ValueError(message)
        places = dict(zip(job.slots, tokens, strict=True))
        made = list(job.result)
        told = _stars(made) if losses is None else dict(losses)
        if strangers := [number for number in told if number not in places]:
            message = f"candidate {strangers[0]} was not asked for: expected some of {list(places)}"
            raise KeyError(message)
        self._asker.tell([places[i] for i in told], list(told.values()))
        ranked = [(loss, number) for number, loss in told.items()]
        self.best = min([*ranked, *([self.best] if self.best else [])], default=None)
        self._asked = None

    def run(
        self, objective: Objective, rounds: int = 5, n: int | None = None, **overrides: Any
    ) -> Generation:
        """Ask and tell by an objective, several times over; waits, so the kernel is busy meanwhile.

        Returns:
            The last generation; `best` says which candidate of all rounds was the best.

        Raises:
            ValueError: the objective needs an encoder and there is none.
        """
        loss = objective.bind(encoder_of(self._session.engine))
        made: Generation | None = None
        for _ in range(check_number("rounds", rounds, 1)):
            made = self.ask(n, **overrides).wait()
            self.tell({c.id: value for c, value in zip(made, _judged(loss, list(made)), strict=True)})
        assert made is not None  # noqa: S101 - at least one round
        return made

    def __repr__(self) -> str:
        best = "nothing told yet" if self.best is None else f"best {self.best[1]} at {self.best[0]:.4g}"
        return f"<NevergradRun {self.name} over candidates {self.parents}: {best}>"


def _numbers(points: Sequence[Point]) -> dict[str, list[float]]:
    return {f"{name}s": [p.numbers[name] for p in points] for name in NUMBERS if name in points[0].numbers}


def _stars(made: Sequence[Candidate]) -> dict[int, float]:
    grades = [int(c.starred) - int(c.rejected) for c in made]
    return {c.id: loss for c, loss in zip(made, losses_of(grades), strict=True)}


def _judged(loss: Any, made: Sequence[Candidate]) -> list[float]:
    images = np.stack([np.asarray(c.image, np.float32) / 255 for c in made])
    with torch.no_grad():
        return [float(x) for x in loss(torch.from_numpy(images).permute(0, 3, 1, 2))]


def _checked(weights: Sequence[Sequence[float]], parents: int) -> list[list[float]]:
    rows = [[float(w) for w in row] for row in weights]
    check_number("n", len(rows), 1)
    for row in rows:
        if len(row) != parents or not all(map(math.isfinite, row)):
            message = f"weights {row}: expected {parents} finite numbers, one for each parent"
            raise ValueError(message)
    return rows


def _mixed(
    engine: Engine,
    settings: Settings,
    parents: Sequence[Candidate],
    weights: Sequence[Sequence[float]],
    guidances: Sequence[float],
    seed: int,
) -> Offspring:
    operators.check_models(engine, parents)
    pool = torch.stack([parent.genome.latent for parent in parents])
    children = on_sphere(pool, torch.tensor(weights, dtype=torch.float64))
    family = operators.family_of(parents)
    recipes = [
        Recipe("mix", {"index": i, "weights": list(row), "guidance": scale}, seed, *family)
        for i, (row, scale) in enumerate(zip(weights, guidances, strict=True))
    ]
    offsets = blend_offsets([parent.genome.embedding_offset for parent in parents], torch.tensor(weights))
    brood = operators.under(engine, settings, children, recipes, offsets=offsets)
    return [
        (genome.replace(guidance=scale), recipe)
        for (genome, recipe), scale in zip(brood, guidances, strict=True)
    ]
