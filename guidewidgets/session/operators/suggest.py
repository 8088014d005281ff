"""Suggesting: children of the favourites, chosen by what was learned from stars before they are finished."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.mutate import check_share
from guidewidgets.genome import Genome, Recipe
from guidewidgets.limits import LIMIT
from guidewidgets.preference.acquisition import BLIND, choose
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.operators.base import Operator, starred_parents
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.cross import Cross
from guidewidgets.session.operators.pick import Pick, contest, picked
from guidewidgets.session.operators.sketch import sketch
from guidewidgets.session.preference.dataset import PreferenceDataset, learn
from guidewidgets.session.preference.features import FeatureCache, features
from guidewidgets.session.selection import clicked
from guidewidgets.session.state import State
from guidewidgets.settings import Overrides, RenderSettings
from guidewidgets.vision.objective import Objective

POOL = 4  # children begun for each that is finished
UNSURE = "not used yet: it foretells your stars no better than chance"


@dataclass(frozen=True, slots=True)
class Suggest(Operator):
    """Begins `pool` times as many children as it finishes: those of the largest expected improvement.

    Attributes:
        cross: makes the children.
        pool: children begun for each one finished.
        blind: share drawn without the preference model.
        dataset: what was starred, rejected and chosen.
        cache: features of those images.
        notice: takes a level and a line for the user.
        of: suggestions to pick from, or None: as many as are wanted.
        pick: picks them.
    """

    name = "suggest"
    colour = "#8f6fd1"
    title = "{images} you may like"
    made = ("suggestion", "suggestions", "from")

    cross: Cross
    pool: int
    blind: float
    dataset: PreferenceDataset
    cache: FeatureCache
    notice: Callable[[str, str], None]
    of: int | None = None
    pick: Pick | None = None

    @classmethod
    def resolve(cls, state: State, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """See `Operator.resolve`: the starred parents."""
        return starred_parents(state, arguments)

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.cross.check(engine)
        if self.pick is not None:
            self.pick.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> OffspringSteps:
        """See `Operator.breed`."""
        if self.pick is None:
            return (yield from self._suggested(engine, settings, seed, self.cross.n))
        begun = yield from self._suggested(engine, settings, seed, self.of or self.cross.n)
        return (yield from picked(engine, begun, self.pick, self.cross.n, seed))

    def _suggested(
        self, engine: Engine, settings: RenderSettings, seed: int, n: int
    ) -> Generator[None, None, Offspring]:
        """Those that promise most, n of them; see `Operator.breed`."""
        known = self.cache.of(engine, self.dataset.candidates)
        model, used, _ = learn(self.dataset, known)
        yield
        if model is None or not used:
            self.notice("info", f"Your taste is {UNSURE}; these are drawn blindly.")
            drawn = replace(self.cross, n=n).children(engine, settings, seed)
            return [_suggested(one, guided=False) for one in drawn]
        begun = replace(self.cross, n=n * self.pool).children(engine, settings, seed)
        z = yield from sketch(engine, [genome for genome, _ in begun])
        seen = np.stack(features(engine, engine.decode(z)))
        indices, guided = choose(model, seen, n, seed, self.blind)
        return [_suggested(begun[i], guided=bool(by)) for i, by in zip(indices, guided, strict=True)]


def suggest(
    context: Context,
    n: int = 12,
    parents: Sequence[int] | None = None,
    *,
    pool: int = POOL,
    blind: float = BLIND,
    of: int | None = None,
    pick: Objective | Sequence[str] | str | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Children of the favourites that the session thinks you will star.

    More children are begun than finished: images of a few steps are judged by what was learned from stars, rejections
    and choices, and those of the largest expected improvement that differ from each other are finished. A share is
    drawn blindly, so that the preference model goes on being tested. As long as it foretells stars no better than
    chance, all are drawn blindly, and a notice says so.

    Args:
        context: the session.
        n: how many, 1 to `limit`.
        parents: see `cross`.
        pool: children begun for each one finished, at least 1.
        blind: share of the n drawn blindly, in (0, 1].
        of: suggest so many, at least n, and keep the n best of them, best first; see `sample`, as for `pick`. The
            `pool` · of sketches, half a picture each where a picture takes ten steps, come on top of what `sample`
            tells.
        pick: which are best: None: those that hold every concept most surely; texts, or an objective. Not "taste",
            which has chosen them already.
        seed: see `sample`, as for `limit` and `overrides`.
        limit: see `sample`.
        **overrides: settings for this job only; the size is the parents'.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    found, settings = context.family(parents, overrides)
    times, share = check_number("pool", pool, 1), check_share("blind", blind)
    cross, dataset = Cross(found, n, sites=clicked(found)), PreferenceDataset.of(context.state)
    if pick == "taste":
        raise ValueError(
            "pick='taste': suggestions are chosen by it already; expected None, texts or an objective"
        )
    many, by = contest(context, n, of, pick)
    notice = context.state.job_notice
    operator = Suggest(cross, times, share, dataset, context.learner.cache, notice, many, by)
    return context.start(operator, n, settings, seed, limit)


def _suggested(child: tuple[Genome, Recipe], *, guided: bool) -> tuple[Genome, Recipe]:
    """The child under the name of this operator, saying whether the preference model chose it."""
    genome, recipe = child
    parameters = {**recipe.parameters, "guided": guided}
    return genome, Recipe("suggest", parameters, recipe.seed, recipe.parents, recipe.parent_ids)
