"""Two nouns in one picture: does it fail because the pair is new to the model, or because there are two of them?

    python -m benchmarks.pairs_seen [--minutes M] [--tell]

Registered: written and committed before the run; nothing is tuned by it.

*Why.* Every study of pairs here asks for such as no training picture shows together, and calls what fails composition.
Without pairs that the training did show, asked in the same way, that is an assumption.

*Prompts.* 40 pairs that were kept apart in training, drawn by `SEED` so that nouns occur about equally often, and 40
that were not: the same nouns, dealt to other partners by the seed, so that every noun occurs as often on both sides and
only the pairing differs. (Whether a pair that was allowed did occur, and how often, is not counted: of 2,016 pairs nine
in ten were allowed, in some ten thousand pictures of two and more things.) Hash of both lists: `5cf740f8cbcf`.

*Ways.* As in `pick_whole`: "X and Y" AND "Y and X" (`orders`), and "a picture with X" AND "a picture with Y" (`parts`);
4 trials of 2 noises each, the same for both lists; one picture (the mean over the noises), and the better of two whole
pictures by lift, which is what `s.sample(1, of=2)` does. The shipped sampler and steps. The scene reader counts.

*Read as,* for each way of asking, seen minus unseen, paired by the noun they share, 95 % over prompts:

- it is the *new* pair: above 0 with the whole interval, and of the seen at most half as many fail as of the unseen;
- it is *two nouns*: the whole interval within 10 points of 0;
- both have a part: above 0 with the whole interval, and more than half as many fail;
- not decided: anything else.

Expected: in `parts` two nouns, since each part was trained alone and says nothing of its partner; in `orders` the new
pair. About 10 minutes of one core.
"""

from __future__ import annotations

import argparse
import itertools
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.guided import Diary, Scores, TimeUpError
from benchmarks.guided_scores import readable
from benchmarks.pick_measure import ASKS, by_picture, held_parts, right, seen, walked
from benchmarks.pick_prompts import named
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.composition import Trial, difference, pair_trials, share
from guidewidgets.session.operators.pick import ROUGH_LEVELS
from training.world.nouns import kept_apart

SEED, COUNT, TRIALS, NOISES = 2828, 40, 4, 2
ONE, PICKED = "one picture", "better of two whole pictures, by lift"
CLOSE = 0.10  # points that count as no difference


def prompts(count: int = COUNT) -> tuple[list[Trial], list[Trial]]:
    """Pairs never seen together, and as many that may have been, of the same nouns; they share the first."""
    apart = [pair for pair in itertools.combinations(readable(), 2) if kept_apart(*pair)]
    unseen = pair_trials(apart, count, "unseen", SEED)
    first, second = ([trial.wanted[k] for trial in unseen] for k in (0, 1))
    rng = np.random.default_rng(SEED)
    for _ in range(100_000):
        dealt = [second[i] for i in rng.permutation(count)]
        # A partner that does not do is dealt again with others, until all do.
        for i, k in itertools.product(range(count), repeat=2):
            if (
                not allowed(first[i], dealt[i])
                and allowed(first[i], dealt[k])
                and allowed(first[k], dealt[i])
            ):
                dealt[i], dealt[k] = dealt[k], dealt[i]
        pairs = list(zip(first, dealt, strict=True))
        if all(allowed(a, b) for a, b in pairs) and len({frozenset(pair) for pair in pairs}) == count:
            return unseen, [Trial(pair, (), "seen") for pair in pairs]
    raise AssertionError("no such pairs")


def allowed(a: str, b: str) -> bool:
    """Whether training pictures may show both."""
    return a != b and not kept_apart(a, b)


def measured(engine: Engine, ask: str, trial: Trial, seed: int) -> Scores:
    """What the reader sees in the pictures of all noises, and how surely the model says they hold each noun."""
    z = walked(engine, engine.genomes(engine.noise(TRIALS * NOISES, seed), ASKS[ask](trial)))
    lift = held_parts(engine, z, trial, ROUGH_LEVELS, seed + 1)
    return {"seen": seen(engine.decode(z), trial), "lift": lift}


def ways(scores: Scores) -> dict[str, list[float]]:
    """Way → right or not, trial by trial, or the chance of it."""
    good = right(by_picture(scores, "seen", TRIALS * NOISES)).reshape(TRIALS, NOISES)
    least = by_picture(scores, "lift", TRIALS * NOISES).min(1).reshape(TRIALS, NOISES)
    picked = good[np.arange(TRIALS), least.argmax(1)]
    return {ONE: good.mean(1).tolist(), PICKED: picked.astype(float).tolist()}


def reading(unseen: list[list[float]], known: list[list[float]]) -> str:
    """What the registered rule says."""
    gap, fails = difference(known, unseen), [1 - share(some).mean for some in (known, unseen)]
    if gap.low > 0:
        return "the new pair" if fails[0] <= fails[1] / 2 else "both have a part"
    return "two nouns" if gap.low >= -CLOSE and gap.high <= CLOSE else "not decided"


def table(rows: list[tuple[Scores, Scores]]) -> dict[str, Any]:
    """Shares of both lists and their difference, by way; `rows`: unseen and seen, pair by pair."""
    told: dict[str, Any] = {"pairs of each list": len(rows)}
    for way in (ONE, PICKED):
        unseen, known = ([ways(row[k])[way] for row in rows] for k in (0, 1))
        told[way] = {
            "unseen": str(share(unseen)),
            "seen": str(share(known)),
            "seen minus unseen": str(difference(known, unseen)),
            "read as": reading(unseen, known),
        }
    return told


def main() -> None:
    """Measure, or go on, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these, and tell")
    parser.add_argument("--tell", action="store_true", help="only of what is done")
    a = parser.parse_args()
    torch.set_num_threads(1)
    engine, (unseen, known) = Engine.load(), prompts()
    about = {"model": engine.revision, "sampler": engine.sampler, "prompts": named([*unseen, *known])}
    diary = Diary(RESULTS / "pairs_seen.jsonl", about, fresh=False, minutes=0 if a.tell else a.minutes)
    done: dict[str, list[tuple[Scores, Scores]]] = {ask: [] for ask in ASKS}
    for i, pair in enumerate(zip(unseen, known, strict=True)):
        for ask, rows in done.items():
            try:
                one, other = (
                    diary.get(
                        f"{ask}/{' '.join(trial.wanted)}",
                        partial(measured, engine, ask, trial, 60_000 + 10 * i),
                    )
                    for trial in pair
                )
            except TimeUpError:
                continue
            rows.append((one, other))
    figures: dict[str, Any] = about | {"cpu_seconds": round(diary.spent)}
    write("pairs_seen", figures | {ask: table(rows) for ask, rows in done.items() if rows})


if __name__ == "__main__":
    main()
