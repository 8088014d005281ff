"""At which levels of noise does the model say what a picture holds, of things, of places, and of what was not wanted?

    python -m benchmarks.verify_levels [--prompts 32]

Four pictures, in six steps, of each of: two things; a thing, a place and NOT a thing; a thing and NOT a place; two
things and NOT a third. At each level the lift is measured under two noises. The scene reader, which has no part in it,
counts what is there. What was not wanted was never there, so of it only false alarms are told. About two minutes of
one core.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.generators import returned
from guidewidgets.guide.lift import LEVELS as BEFORE
from guidewidgets.guide.lift import lifts
from guidewidgets.prompt import Prompt
from guidewidgets.prompt.spoken import NOT
from guidewidgets.session.actions.verify import LEVELS, SURE
from guidewidgets.vision.embedded import reader

ASKED = (0.05, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
PICTURES, STEPS = 4, 6
SURES = (0.015, SURE, 0.03)


@dataclass(frozen=True)
class Row:
    """A concept of a picture.

    Attributes:
        kind: "things", "places", or either with "not wanted".
        right: whether the picture has it as was asked, by the reader.
        lifts: by level and noise; their signs turned for what was not wanted.
    """

    kind: str
    right: bool
    lifts: dict[tuple[float, int], float]


def prompts(engine: Engine, n: int) -> list[Prompt]:
    """Drawn from what engine and reader both know."""
    rng, read = np.random.default_rng(5), reader()
    words = engine.words or {}
    nouns = [noun for noun in read.nouns if noun in (engine.vocabulary.words or ())]
    places = [place for place in words["places"] if place in read.grounds]
    asked: list[Prompt] = []
    for t in range(n):
        a, b, c = (f"{'an' if w[0] in 'aeiou' else 'a'} {w}" for w in rng.choice(nouns, 3, replace=False))
        g, h = (f"a {place}" for place in rng.choice(places, 2, replace=False))
        ways = (f"{a} AND {b}", f"{a} AND {g} AND NOT {c}", f"{b} AND NOT {h}", f"{a} AND {b} AND NOT {c}")
        asked.append(Prompt.parse(ways[t % 4]))
    return asked


def measure(engine: Engine, prompt: Prompt, seed: int) -> list[Row]:
    """Of pictures of one prompt, what each holds."""
    pictures = engine.render(engine.noise(PICTURES, seed=seed), prompt, steps=STEPS)
    z, seen = engine.encode(pictures), reader().read(pictures)
    rows: list[Row] = []
    found = {
        (level, k): returned(lifts(engine, z, [prompt] * PICTURES, k, (level,), negated=True))
        for level in ASKED
        for k in (0, 1)
    }
    for i, one in enumerate(seen):
        for concept in prompt.concepts():
            word = concept.text.split()[-1]
            thing = word in one.nouns
            there = one.nouns[word] > 0.5 if thing else one.ground == word
            name = concept.text if concept.weight > 0 else NOT + concept.text
            kind = ("things" if thing else "places") + (" not wanted" if concept.weight < 0 else "")
            told = {key: at[i][name] for key, at in found.items()}
            rows.append(Row(kind, there == (concept.weight > 0), told))
    return rows


def told(rows: list[Row], levels: tuple[float, ...], sure: float) -> dict[str, Any]:
    """How often ✓ and ✗ are right, by kind; a level that is named twice has two noises."""
    keys = [(level, levels[:i].count(level)) for i, level in enumerate(levels)]
    figures: dict[str, Any] = {}
    for kind in dict.fromkeys(row.kind for row in rows):
        mine = [row for row in rows if row.kind == kind]
        lift = np.array([np.mean([row.lifts[key] for key in keys]) for row in mine])
        right = np.array([row.right for row in mine])
        yes, no = lift >= sure, lift <= -sure
        pairs = lift[right][:, None] - lift[~right]
        figures[kind] = {
            "asked": len(mine),
            "right": int(right.sum()),
            "yes_percent": _percent(yes),
            "yes_right_percent": _percent(right[yes]),
            "no_percent": _percent(no),
            "no_right_percent": _percent(~right[no]),
            "area": round(float((pairs > 0).mean()), 2) if pairs.size else None,
        }
    return figures


def _percent(true: np.ndarray) -> int | None:
    return round(100 * float(true.mean())) if true.size else None


def main(arguments: list[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=32)
    options = parser.parse_args(arguments)
    engine = Engine.load()
    asked = prompts(engine, options.prompts)
    rows = [row for t, prompt in enumerate(asked) for row in measure(engine, prompt, 2000 + t)]
    levels = {"as it was": BEFORE, "as it is": LEVELS} | {f"{level} alone": (level,) for level in ASKED}
    figures = {name: {str(sure): told(rows, some, sure) for sure in SURES} for name, some in levels.items()}
    write("verify_levels", {"prompts": len(asked), "pictures": len(asked) * PICTURES, **figures})


if __name__ == "__main__":
    main()
