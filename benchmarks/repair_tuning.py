"""When is a concept neglected, when is it held, and which variation counts? Tuned on pairs that no study tests.

    python -m benchmarks.repair_tuning [--pairs 12]

Four pictures of each pair, as in `repair_study`, by "a picture with X AND a picture with Y". Of every picture, right
or not, the variations that repair would try are sketched and the best three finished; the model's lift and the scene
reader say what each holds. Then rules are compared that all cost about the same: below which lift a concept counts as
neglected, above which one it counts as held, and whether the first variation that counts is taken, or the one of the
three whose least concept is held most. About ten minutes of one core.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.guided_scores import one, presence, two_nouns
from benchmarks.repair_study import walked
from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.composition import Share
from guidewidgets.evaluate.interval import SHARES, over_prompts
from guidewidgets.evolve.mutate import rotate
from guidewidgets.generators import returned
from guidewidgets.genome import Genome
from guidewidgets.guide.lift import lifts
from guidewidgets.guide.repair import ANGLES, FINISHED, TRIES

START = 160  # of the list of pairs: those that are put aside for tuning
SEEDS = 4
LEVELS = (0.005, 0.0075, 0.01, 0.0125, 0.015, 0.02, 0.025)


@dataclass(frozen=True)
class Seen:
    """A finished picture: its concepts' lifts, and whether the reader sees both nouns."""

    lifts: tuple[float, float]
    right: bool


@dataclass(frozen=True)
class Case:
    """A picture, and its finished variations in the order of their sketches."""

    plain: Seen
    variations: tuple[Seen, ...]


def looked(engine: Engine, genomes: Sequence[Genome], nouns: tuple[str, str]) -> list[Seen]:
    """Finish pictures, and look at them in both ways."""
    z = walked(engine, genomes)
    held = returned(lifts(engine, z, [g.prompt for g in genomes]))
    images = engine.decode(z)
    sure = zip(presence(images, nouns[0]), presence(images, nouns[1]), strict=True)
    return [Seen(tuple(h.values()), min(s) > 0.5) for h, s in zip(held, sure, strict=True)]


def cases(engine: Engine, i: int) -> list[Case]:
    """All pictures of pair i."""
    ((_, a, b),) = two_nouns(START + i, 1)
    prompt = f"a picture with {one(a)} AND a picture with {one(b)}"
    plain = engine.genomes(engine.noise(SEEDS, 5000 + i), prompt)
    found: list[Case] = []
    for k, (genome, seen) in enumerate(zip(plain, looked(engine, plain, (a, b)), strict=True)):
        turned = rotate(genome.latent, np.linspace(*ANGLES, TRIES).tolist(), 1000 * i + k)
        varied = engine.genomes(turned, prompt)
        sketched = returned(lifts(engine, walked(engine, varied, rough=True), [g.prompt for g in varied]))
        order = np.argsort([-min(held.values()) for held in sketched], kind="stable")
        found.append(Case(seen, tuple(looked(engine, [varied[j] for j in order[:FINISHED]], (a, b)))))
    return found


Rule = Callable[[Case], Seen]


def rule(neglected: float, held: float, *, best: bool) -> Rule:
    """What a picture becomes."""

    def apply(case: Case) -> Seen:
        least = int(np.argmin(case.plain.lifts))
        if case.plain.lifts[least] >= neglected:
            return case.plain
        others = case.plain.lifts[1 - least]
        # What was there stays there: it keeps the level of what is held, or what little it had.
        good = [
            v for v in case.variations if v.lifts[least] > held and v.lifts[1 - least] >= min(others, held)
        ]
        if best:
            good.sort(key=lambda v: -min(v.lifts))
        return good[0] if good else case.plain

    return apply


def told(pairs: Sequence[Sequence[Case]], way: Rule) -> dict[str, Any]:
    """Shares of mended and of broken pictures, in percent, and how many are made anew."""

    def after(some: Sequence[Case], *, right: bool) -> list[float]:
        return [float(way(case).right) for case in some if case.plain.right == right]

    row: dict[str, Any] = {}
    for name, right in (("mended", False), ("still right", True)):
        groups = [marks for some in pairs if (marks := after(some, right=right))]
        row[f"{name}_percent"] = str(Share(*over_prompts(groups, SHARES))) if groups else None
    every = [case for some in pairs for case in some]
    row["changed"] = round(sum(way(case) is not case.plain for case in every) / len(every), 3)
    row["right_after"] = round(sum(way(case).right for case in every) / len(every), 3)
    return row


def main() -> None:
    """Paint, look, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=12)
    torch.set_num_threads(1)
    engine = Engine.load(dtype="float32")
    pairs = [cases(engine, i) for i in range(parser.parse_args().pairs)]
    every = [case for some in pairs for case in some]
    figures: dict[str, Any] = {
        "pairs": len(pairs),
        "pictures": len(every),
        "lacking": sum(not case.plain.right for case in every),
        "right_before": round(sum(case.plain.right for case in every) / len(every), 3),
        "rules": [
            {"neglected_below": low, "held_above": high, "taken": "best" if best else "first"}
            | told(pairs, rule(low, high, best=best))
            for low, high, best in itertools.product(LEVELS, LEVELS, (False, True))
            if low <= high
        ],
    }
    write("repair_tuning", figures)


if __name__ == "__main__":
    main()
