"""How far composed pictures are from true renders of what was asked: a Fréchet distance on the judge's features.

    python -m benchmarks.compose_frechet [--counts 100] [--seeds 4] [--steps 8]

It is no FID, which names another network. All sets are of one size, and the first line tells what that size alone is
worth: true renders against other true renders of the same prompts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.compose_kinds import BARE, CORRECTED, PARTS, SENTENCE, kinds
from benchmarks.compose_study import BATCH, paint
from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import Ask
from guidewidgets.evaluate.composition import Trial
from guidewidgets.evaluate.frechet import frechet
from guidewidgets.vision import embedded
from training.true_renders import paint_ask


def true_renders(trials: Sequence[Trial], seeds: int) -> tuple[Tensor, Tensor]:
    """Two sets (trials · seeds, 3, 64, 64) of different scenes that show what was asked."""
    asks = [Ask(str(trial.sentence), "pair", trial.wanted) for trial in trials]
    scenes = torch.stack([paint_ask(ask, 2 * seeds) for ask in asks])
    return scenes[:, :seeds].flatten(0, 1), scenes[:, seeds:].flatten(0, 1)


def main() -> None:
    """Paint, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--name", default="compose_frechet")
    a = parser.parse_args()
    engine, judge = Engine.load(), embedded.judge()
    trials = kinds(None, a.counts)["pair"].trials
    truth, other = true_renders(trials, a.seeds)
    figures = {"model": engine.name, "steps": a.steps, "true renders": str(frechet(other, truth, judge))}
    size = max(1, BATCH // a.seeds)
    for way in (SENTENCE, BARE, PARTS, CORRECTED):
        chunks = [trials[i : i + size] for i in range(0, len(trials), size)]
        pictures = torch.cat([paint(engine, way, chunk, a.seeds, a.steps) for chunk in chunks])
        figures[way.name] = str(frechet(pictures, truth, judge))
        print(way.name, figures[way.name], file=sys.stderr, flush=True)
    write(a.name, figures)


if __name__ == "__main__":
    main()
