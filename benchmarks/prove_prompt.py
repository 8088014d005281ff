"""Prove the prompt language: any text prints back or is refused with a place, and in linear time.

    python -m benchmarks.prove_prompt [--counts 100000]

Random texts of four kinds (any characters, the language's own tokens, near misses, mutations of good prompts) are read
as prompts, and as A1111's. Time is told as the ratio of reading hostile texts of twice the length: 2 is linear.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import time
import warnings
from collections import Counter

from benchmarks.timing import write
from guidewidgets.prompt import Prompt, PromptError

TOKENS = [
    "AND",
    "OR",
    "NOT",
    "{",
    "}",
    '"',
    "\\",
    "::1.5",
    "::",
    ":2",
    "@left",
    "@[0,0,1,0.5]",
    "%0-0.5",
    "a",
    "b c",
    "@model:x#1",
    "@model:",
    "16:9",
    "@",
    "%",
    "é",
    "\n",
    " ",
    "  ",
    "(",
    ")",
    "[x:y:0.2]",
    "::-1e3",
    "\x1c",
]
GOOD = [
    "a fox ::1.2 AND {a beach OR a forest} AND NOT a house @left %0-0.5",
    'a sign "STOP AND GO" ::2 OR {NOT fog @[0,0.5,1,1]} ::0.5',
    "a cat @model:guidewidgets/emoji#0123456789ab AND a hat",
]
HOSTILE = {
    "braces": lambda n: "{" * n,
    "brackets": lambda n: "(" * n,
    "boxes": lambda n: "a @" + "[" * n,
    "nots": lambda n: "NOT " * (n // 4) + "a",
    "colons": lambda n: ":" * n,
    "spaces": lambda n: "a" + " " * n + ":1",
    "weights": lambda n: " :1 " * (n // 4) + "b",
    "quotes": lambda n: '"a" ' * (n // 4),
    "backslashes": lambda n: '"' + "\\" * n,
    "ands": lambda n: "a AND " * (n // 6) + "a",
    "ors": lambda n: "a OR " * (n // 5) + "a",
    "regions": lambda n: 'a @{"a":' * (n // 8),
    "models": lambda n: "a @model:" * (n // 9),
    "digits": lambda n: "a :1" + "1" * n + "x",
}
LENGTH = 40_000


def random_text(rng: random.Random) -> str:
    """One text of one of four kinds."""
    kind = rng.randrange(4)
    if kind == 0:
        return "".join(
            chr(rng.choice((rng.randrange(128), rng.randrange(0xD800)))) for _ in range(rng.randrange(40))
        )
    if kind == 1:
        return " ".join(rng.choice(TOKENS) for _ in range(rng.randrange(16)))
    if kind == 2:
        return "".join(rng.choice(TOKENS) for _ in range(rng.randrange(16)))
    text = list(rng.choice(GOOD))
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(text))
        text[at : at + rng.randrange(3)] = rng.choice(TOKENS)
    return "".join(text)


def prove(counts: int, seed: int = 0) -> dict[str, object]:
    """Read `counts` texts; AssertionError names the first one that breaks the promise."""
    rng, found = random.Random(seed), Counter[str]()  # noqa: S311 - draws, no secrets
    for i in range(counts):
        text = random_text(rng)
        try:
            prompt = Prompt.parse(text)
        except PromptError as error:
            if error.line < 1 or error.column < 1 or not str(error):
                raise AssertionError(f"text {i}, {text!r}: refused without a place") from error
            found["refused"] += 1
        except Exception as error:
            raise AssertionError(f"text {i}, {text!r}: {type(error).__name__} {error}") from error
        else:
            assert Prompt.parse(str(prompt)) == prompt, repr(text)
            assert str(Prompt.parse(str(prompt))) == str(prompt), repr(text)
            found["read"] += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                foreign = Prompt.parse(text, compat="a1111")
                assert Prompt.parse(str(foreign)) == foreign, repr(text)
            except PromptError:
                found["refused as A1111's"] += 1
    return {"texts": counts, "seed": seed, **dict(sorted(found.items()))}


def doubling() -> dict[str, float]:
    """Hostile text → time for twice the length over time for the length, best of three."""
    ratios: dict[str, float] = {}
    for name, make in HOSTILE.items():
        best = [min(_seconds(make(n)) for _ in range(3)) for n in (LENGTH, 2 * LENGTH)]
        ratios[name] = round(best[1] / max(best[0], 1e-4), 2)
    return ratios


def _seconds(text: str) -> float:
    start = time.process_time()
    with contextlib.suppress(PromptError):
        str(Prompt.parse(text))
    return time.process_time() - start


def main() -> None:
    """Prove, time and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, default=100_000)
    arguments = parser.parse_args()
    result = prove(arguments.counts)
    result["doubling"] = doubling()
    write("prompt", result)
    print(result, file=sys.stderr)


if __name__ == "__main__":
    main()
