"""Sampling: fresh random candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from guidewidgets import evolve
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.embedding import draw_offsets
from guidewidgets.limits import LIMIT
from guidewidgets.prompt import Literal
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.operators.base import Operator
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.pick import Pick, contest, picked
from guidewidgets.settings import Overrides, RenderSettings
from guidewidgets.vision.objective import Objective

MAX_SPREAD = 1000.0
"""Noise on an embedding, in units of its own spread; more is a slip, and might overflow."""


@dataclass(frozen=True, slots=True)
class Sample(Operator):
    """Fresh noise, as it comes or well spread; on the prompt's embedding too, where `embedding` is above 0."""

    name = "sample"
    colour = "#56b4e9"
    title = "{images} under way"

    n: int
    spread: bool = False
    embedding: float = 0.0
    of: int | None = None
    pick: Pick | None = None

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        if self.pick is not None:
            self.pick.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring | OffspringSteps:
        """See `Operator.breed`."""
        if self.pick is None:
            return self.fresh(engine, settings, seed, self.n)
        begun = self.fresh(engine, settings, seed, self.of or self.n)
        return picked(engine, begun, self.pick, self.n, seed)

    def fresh(self, engine: Engine, settings: RenderSettings, seed: int, n: int) -> Offspring:
        """Genomes and recipes of n candidates, none picked; see `Operator.breed`."""
        if self.spread:
            latents, places = evolve.spread(n, engine.shape_of(settings.size), seed)
        else:
            latents, places = engine.noise(n, seed, settings.size), range(n)
        parameters: dict[str, Any] = {"spread": True} if self.spread else {}
        offsets = None
        if self.embedding:
            parameters["embedding"] = self.embedding
            text = next((node.text for node in settings.prompt.walk() if isinstance(node, Literal)), "")
            states = engine.network.encoded(text).states.cpu()
            offsets = draw_offsets(n, states, self.embedding, seed)
        rows = [{"index": i, **parameters} for i in places]
        return self.offspring(engine, settings, seed, latents, rows, offsets=offsets)


def sample(
    context: Context,
    n: int = 12,
    *,
    spread: bool = False,
    embedding: float = 0.0,
    of: int | None = None,
    pick: Objective | Sequence[str] | str | None = None,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Fresh random candidates.

    Args:
        context: the session.
        n: how many, 1 to `limit`.
        spread: pick noise that differs in its layout out of many draws; see `evolve.spread`.
        embedding: noise on the prompt's embedding too, as a share of its spread; it then takes part in every
            operator. For models that noise alone hardly moves; `leverage` tells.
        of: begin so many, at least n, and keep the n best of them, best first; None: only as many as are kept. Up to
            4 n are all painted to the end, which costs 1.1 · of / n times as much as n pictures alone where lift
            picks and a picture takes ten steps: n=1, of=2 costs 2.2 pictures. Of more all are sketched first, and 2 n
            of them painted: 0.5 · of / n + 2.2 times as much. See `guide.lift` for what either finds.
        pick: which are best. None: those that hold every concept of the prompt most surely, by the model's own account
            (`c.holds` then says how surely); texts, as in ["a fox", "an owl"]: those that hold these, whatever the
            prompt joins; an objective: those that lose least; "taste": those that you will probably star.
        seed: non-negative int; None draws one from the session's seed and the event's number.
        limit: refuse more than this; None for no limit.
        **overrides: settings for this job only.

    Raises:
        ValueError, TypeError: an argument is out of range; the message names it.
    """
    strength = check_number("embedding", embedding, 0.0, MAX_SPREAD)
    settings = context.settings(overrides)
    many, by = contest(context, n, of, pick)
    return context.start(Sample(n, spread, strength, many, by), n, settings, seed, limit)
