"""Verify and pick: of more pictures than are wanted, those to keep.

Up to four times as many are painted to the end, and then the best are picked: early on a picture of several things
does not show them all yet. Of more all are sketched first, and twice as many as are wanted go on: cheaper than
painting all, and no better than four; see `benchmarks/pick_whole.py`. In pictures' worth of the network, of m begun
and n kept: 1.1 m, and 0.5 m + 2.2 n, where a picture takes ten steps and lift picks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.genome import Recipe
from guidewidgets.guide.lift import lifts
from guidewidgets.guide.verifier import looked_for
from guidewidgets.preference.acquisition import choose
from guidewidgets.prompt import Prompt
from guidewidgets.session.offspring import Contest, Offspring
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.sketch import STRIDES, sketch
from guidewidgets.session.preference.dataset import PreferenceDataset, learn
from guidewidgets.session.preference.features import FeatureCache, features
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

ROUGH_STRIDES, ROUGH_LEVELS = 4, (0.6,)
"""Of sketches that are only asked what they hold, and where on the schedule they and finished pictures are asked."""

WHOLE, CULLED = 4, 2
"""Up to so many for each that is kept are painted to the end; of more, so many for each are, by their sketches."""

MOST = 1000
"""Pictures that are begun, at most, unless more are kept."""

Parameters = list[dict[str, Any]]
"""What the recipe of each says of its being picked."""


class Pick(ABC):
    """Which of several pictures are kept.

    Attributes:
        strides: of the sketches.
    """

    strides: ClassVar[int] = STRIDES

    def check(self, engine: Engine) -> None:  # noqa: B027 - most need nothing of the engine
        """Refuse what this engine cannot judge. Raises ValueError."""

    @abstractmethod
    def best(
        self, engine: Engine, begun: Offspring, z: Tensor, n: int, seed: int
    ) -> Generator[None, None, tuple[Sequence[int], Parameters]]:
        """Indices of the n to keep, and what its recipe says of each; yields wherever it may be cancelled.

        Args:
            engine: of the session.
            begun: all of them.
            z: latents of their sketches or pictures, (N, C, H, W).
            n: how many to pick, at most N.
            seed: of the operator.
        """


@final
@dataclass(frozen=True)
class ByHolds(Pick):
    """Those whose least concept is there most surely; see `guide.lift`.

    Attributes:
        concepts: that are looked for; None: those of each prompt.
    """

    concepts: Prompt | None = None
    strides: ClassVar[int] = ROUGH_STRIDES

    def check(self, engine: Engine) -> None:
        """See `Pick.check`."""
        if self.concepts is not None:
            engine.check_prompt(self.concepts)

    def best(
        self, engine: Engine, begun: Offspring, z: Tensor, n: int, seed: int
    ) -> Generator[None, None, tuple[Sequence[int], Parameters]]:
        """See `Pick.best`."""
        prompts = [genome.prompt if self.concepts is None else self.concepts for genome, _ in begun]
        # Another seed: the noise that a picture began with would ask it about its own way, and the others not.
        holds = yield from lifts(engine, z, prompts, seed + 1, ROUGH_LEVELS)
        best = _first(n, [-min(one.values(), default=0.0) for one in holds])
        return best, [{"holds": holds[i]} for i in best]


@final
@dataclass(frozen=True)
class ByObjective(Pick):
    """Those that lose least."""

    objective: Objective

    def check(self, engine: Engine) -> None:
        """See `Pick.check`."""
        self.objective.bind(encoder_of(engine))

    def best(
        self, engine: Engine, begun: Offspring, z: Tensor, n: int, seed: int
    ) -> Generator[None, None, tuple[Sequence[int], Parameters]]:
        """See `Pick.best`."""
        del begun, seed
        loss, losses = self.objective.bind(encoder_of(engine)), list[float]()
        for some in z.split(16):
            with torch.no_grad():
                losses += loss(engine.decode(some)).tolist()
            yield
        best = _first(n, losses)
        return best, [{"loss": losses[i]} for i in best]


@final
@dataclass(frozen=True)
class ByTaste(Pick):
    """Those that promise most by what was learned from stars; see `suggest`."""

    dataset: PreferenceDataset
    cache: FeatureCache
    notice: Callable[[str, str], None]

    def best(
        self, engine: Engine, begun: Offspring, z: Tensor, n: int, seed: int
    ) -> Generator[None, None, tuple[Sequence[int], Parameters]]:
        """See `Pick.best`."""
        del begun
        model, used, _ = learn(self.dataset, self.cache.of(engine, self.dataset.candidates))
        yield
        if model is None or not used:
            self.notice("info", "Your taste foretells stars no better than chance yet: the first are taken.")
            return range(n), [{"guided": False}] * n
        best, guided = choose(model, np.stack(features(engine, engine.decode(z))), n, seed)
        return best, [{"guided": bool(one)} for one in guided]


def pick_of(context: Context, pick: object) -> Pick:
    """What picks, by what was asked for.

    Raises:
        ValueError, TypeError: it is none of None, texts, "taste" and an objective.
    """
    if pick is None:
        return ByHolds()
    if (wanted := looked_for(pick)) is not None:
        return ByHolds(wanted)
    if isinstance(pick, Objective):
        return ByObjective(pick)
    if pick == "taste":
        return ByTaste(PreferenceDataset.of(context.state), context.learner.cache, context.state.notice)
    message = f"pick={pick!r:.60}: expected None, texts, an objective or 'taste'"
    raise ValueError(message) if isinstance(pick, str) else TypeError(message)


def contest(context: Context, n: int, of: int | None, pick: object) -> tuple[int | None, Pick | None]:
    """How many are begun for n that are kept, and what picks them; (None, None) where as many are begun.

    Raises:
        ValueError, TypeError: `pick` without `of`, or either is out of range.
    """
    if of is None:
        if pick is not None:
            raise ValueError(f"pick={pick!r:.60} without of: expected of=…, how many to pick from")
        return None, None
    return check_number("of", of, check_number("n", n, 1), max(MOST, n)), pick_of(context, pick)


def picked(engine: Engine, begun: Offspring, pick: Pick, n: int, seed: int) -> Generator[None, None, Contest]:
    """Those that are painted to the end, and how the n best of these are picked; see `WHOLE`."""
    if len(begun) > WHOLE * n:
        z = yield from sketch(engine, [genome for genome, _ in begun], pick.strides)
        kept, _ = yield from pick.best(engine, begun, z, CULLED * n, seed)
        begun = [begun[i] for i in sorted(kept)]

    def judge(z: Tensor) -> Generator[None, None, list[tuple[int, Recipe]]]:
        best, parameters = yield from pick.best(engine, begun, z, n, seed)
        recipes = [begun[i][1] for i in best]
        return [
            (i, replace(recipe, parameters={**recipe.parameters, **more}))
            for i, recipe, more in zip(best, recipes, parameters, strict=True)
        ]

    return Contest(begun, judge)


def _first(n: int, losses: Sequence[float]) -> list[int]:
    """Indices of the n smallest, smallest first; a sketch that is not finite comes last."""
    return np.argsort(np.nan_to_num(np.asarray(losses), nan=np.inf), kind="stable")[:n].tolist()
