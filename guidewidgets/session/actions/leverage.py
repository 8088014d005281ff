"""Leverage of a session's noise: fresh pictures under its settings, measured to the end on the caller's thread."""

from __future__ import annotations

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evaluate.leverage import MOST_IMAGES, Leverage, measure
from guidewidgets.generators import returned
from guidewidgets.session.operators.sample import Sample
from guidewidgets.settings import RenderSettings


def leverage(engine: Engine, settings: RenderSettings, n: int, seed: int) -> Leverage:
    """See `Session.leverage`."""
    n, seed = check_number("n", n, 1), check_number("seed", seed, 0)
    if n > MOST_IMAGES:
        raise ValueError(f"n={n}: expected 1 to {MOST_IMAGES} pictures to measure on")
    made = Sample(n).fresh(engine, settings, seed, n)
    return returned(measure(engine, [genome for genome, _ in made], seed))
