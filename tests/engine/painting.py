"""Pictures painted by renderers, and compared."""

from __future__ import annotations

import time
import warnings
from contextlib import suppress

import numpy as np

from guidewidgets.caution import caution
from guidewidgets.engine.workers.renderer import Order

STEPS = 4


def pictures(engine, n=12, steps=STEPS, prompt="a fox AND a hat OR a cat", seed=3):
    return engine.genomes(engine.noise(n, seed=seed), prompt, steps=steps, seed=seed)


def paint(renderer, genomes, order=Order(), on_frame=lambda frame: None):  # noqa: B008 - frozen
    """Pictures and latents by place."""
    pixels, latents, said = {}, {}, []
    with warnings.catch_warnings(record=True) as cautions:
        warnings.simplefilter("always")
        for frame in renderer.render(genomes, order):
            if frame is not None:
                on_frame(frame)
                said.append((tuple(frame.places), frame.step))
                if frame.done is not None:
                    assert not set(frame.places) & set(latents), "a picture came twice"
                    latents |= zip(frame.places, frame.done.latents, strict=True)
                    pixels |= zip(frame.places, frame.pixels if order.pictures else frame.places, strict=True)
    assert sorted(latents) == list(range(len(genomes))), "a picture is lost"
    return pixels, latents, said, [str(one.message) for one in cautions]


def alike(some, others):
    """DESIGN.md's sense of identical in another layout: at most one 8-bit level."""
    return all(np.abs(some[i].astype(int) - others[i]).max() <= 1 for i in others)


def within(seconds, true):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.001)


def cancelled(engine, genomes):
    """Cancel pictures when the first step is there, and wait until the workers are free."""
    frames = engine.renderer.render(genomes, Order())
    while next(frames) is None:
        pass
    frames.close()
    within(30, lambda: not any(one.chunks for one in engine.pool._links))


def answered(errand, answer):
    """What an errand says, when each is answered."""
    said = []
    with suppress(StopIteration):
        what = next(errand)
        while True:
            said += [] if what is None else [what[0]]
            what = errand.send(answer if what else None)
    return said


def doubled(model):
    """An errand: it asks, warns of the answer, and says twice as much."""
    answer = yield "how much?", True
    caution(f"told {answer}")
    yield 2 * answer, False
