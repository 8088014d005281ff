"""What picking one picture of three costs, in rows of the networks and in processor time.

Of sketches, as sessions did it when the study was run; what they cost now is in `pick_whole`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from torch import Tensor, nn

from benchmarks.pick_measure import ASKS, BUDGET, OF, held, walked
from guidewidgets.engine import Engine
from guidewidgets.engine.model.text_cache import TextCache
from guidewidgets.evaluate.composition import Trial
from guidewidgets.prompt import Prompt
from guidewidgets.session.operators.pick import ROUGH_LEVELS, ROUGH_STRIDES

PROMPTS = 8


@contextmanager
def counted(nets: Sequence[nn.Module]) -> Iterator[list[int]]:
    """Rows that each net is asked, for as long as this is open."""
    rows = [0] * len(nets)

    def count(i: int, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        rows[i] += len(next(x for x in (*args, *named.values()) if hasattr(x, "shape")))

    hooks = [
        net.register_forward_pre_hook(lambda _, args, named, i=i: count(i, args, named), with_kwargs=True)
        for i, net in enumerate(nets)
    ]
    try:
        yield rows
    finally:
        for hook in hooks:
            hook.remove()


def sketched(engine: Engine, prompt: Prompt, of: int, seed: int) -> Tensor:
    """The picture (1, 3, H, W) of the best of so many sketches by lift, as sessions made it when the study was run."""
    genomes = engine.genomes(engine.noise(of, seed), prompt)
    if of > 1:
        z = walked(engine, genomes, ROUGH_STRIDES)
        least = held(engine, z, [g.prompt for g in genomes], ROUGH_LEVELS, seed + 1)
        genomes = [genomes[int(np.argmax(least))]]
    return engine.decode(walked(engine, genomes))


def measured_cost(engine: Engine, trials: Sequence[Trial]) -> dict[str, Any]:
    """Of a few prompts in turn, that the engine has not met: one picture, then one picked of three sketches."""
    nets = [engine.network.module, engine.pipeline.text_encoder]
    spent: list[tuple[float, float]] = []
    rows: list[tuple[list[int], list[int]]] = []
    for seed, trial in enumerate(trials[:PROMPTS]):
        took: list[float] = []
        asked: list[list[int]] = []
        for of in (None, OF) if seed % 2 else (OF, None):  # what comes first would pay for warming up
            engine.network.texts = TextCache(engine.network.family)  # as with a prompt that is new
            with counted(nets) as count:
                begun = time.process_time()
                sketched(engine, ASKS["parts"](trial), of or 1, seed)
                took.append(time.process_time() - begun)
            asked.append(list(count))
        first, second = (0, 1) if seed % 2 else (1, 0)
        spent.append((took[first], took[second]))
        rows.append((asked[first], asked[second]))
    one, picked = (np.array([pair[k] for pair in rows]).mean(0) for k in (0, 1))
    return {
        "prompts": len(spent),
        "rows of the denoiser": [float(one[0]), float(picked[0])],
        "times as many": round(float(picked[0] / one[0]), 3),
        "rows of the text encoder": [float(one[1]), float(picked[1])],
        "processor seconds": [round(statistics.median(pair[k] for pair in spent), 3) for k in (0, 1)],
        "times as long": round(statistics.median(b / a for a, b in spent), 3),
        "within 2.5": bool(picked[0] <= BUDGET * one[0]),
    }
