"""The plan of a study, fixed before the first vote: which pairs, in which order, which picture on which side."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

REPEATS, CATCHES = 0.10, 0.05  # of the votes that count, shown besides them

Kind = Literal["vote", "repeat", "catch"]


@final
@dataclass(frozen=True, slots=True)
class PlannedPair:
    """A pair, without its pictures.

    Args:
        prompt: what both were made for.
        first: SHA-256 of the first picture's size and pixels.
        second: likewise.
    """

    prompt: str
    first: str
    second: str


@final
@dataclass(frozen=True, slots=True)
class Trial:
    """Two pictures side by side.

    Args:
        pair: which one.
        kind: "vote" counts; "repeat" shows an earlier pair with its sides changed; "catch" shows its first picture
            beside a spoiled copy of it, which nobody who looks can prefer.
        left: what stands on the left; in a catch "second" is the spoiled copy.
    """

    pair: int
    kind: Kind
    left: Literal["first", "second"]


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided before the first vote.

    Args:
        question: what is asked.
        n: votes that count.
        seed: of order and sides.
        pairs: what there is to be compared.
        trials: what is shown, in order.
    """

    question: str
    n: int
    seed: int
    pairs: tuple[PlannedPair, ...]
    trials: tuple[Trial, ...]

    def data(self) -> dict[str, Any]:
        """It as JSON, with its `hash`: SHA-256 of the JSON without it, keys sorted, no spaces."""
        data: dict[str, Any] = {
            "question": self.question,
            "n": self.n,
            "seed": self.seed,
            "pairs": [{"prompt": p.prompt, "first": p.first, "second": p.second} for p in self.pairs],
            "trials": [{"pair": t.pair, "kind": t.kind, "left": t.left} for t in self.trials],
        }
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return data | {"hash": hashlib.sha256(text.encode()).hexdigest()}


def make_plan(pairs: Sequence[PlannedPair], question: str, n: int, seed: int) -> Plan:
    """Plan n votes, a tenth as many repeats and a twentieth as many catch pairs.

    Prompts come equally often as far as their pairs go; no pair comes again before all have come. Sides are balanced
    within every prompt, and where a prompt is voted on an odd number of times, over those prompts.

    Args:
        pairs: at least one.
        question: see `Plan`.
        n: at least 1.
        seed: the same seed makes the same plan on every machine and in every version.
    """
    chosen = _chosen(pairs, n, seed)
    sides = _sides([pairs[i].prompt for i in chosen], seed)
    votes = [Trial(pair, "vote", side) for pair, side in zip(chosen, sides, strict=True)]
    after: dict[int, list[Trial]] = defaultdict(list)
    half = n // 2
    # A repeat comes half the study after what it repeats, so that nobody remembers.
    for i in _order(seed, "repeats", half)[: max(1, round(REPEATS * n))]:
        turned = "second" if votes[i].left == "first" else "first"
        after[i + half].append(Trial(votes[i].pair, "repeat", turned))
    places = _order(seed, "catches", n)[: max(1, round(CATCHES * n))]
    shown = _order(seed, "caught", len(pairs))
    for k, (place, coin) in enumerate(zip(places, _order(seed, "coins", len(places)), strict=True)):
        after[place].append(Trial(shown[k % len(shown)], "catch", "first" if coin % 2 else "second"))
    trials = [trial for i, vote in enumerate(votes) for trial in (vote, *after[i])]
    return Plan(question, n, seed, tuple(pairs), tuple(trials))


def _order(seed: int, what: str, count: int) -> list[int]:
    """0 … count - 1 in an order drawn by hashes: unlike generators of random numbers, these never change."""
    return sorted(range(count), key=lambda i: hashlib.sha256(f"{seed} {what} {i}".encode()).digest())


def _chosen(pairs: Sequence[PlannedPair], n: int, seed: int) -> list[int]:
    """Pairs, one for each vote, in the order in which they are shown."""
    chosen: list[int] = []
    turn = 0
    while len(chosen) < n:
        waiting: dict[str, list[int]] = defaultdict(list)
        for i in _order(seed, f"pairs {turn}", len(pairs)):
            waiting[pairs[i].prompt].append(i)
        round_: list[int] = []
        while any(waiting.values()):  # one of each prompt, then another of each
            round_ += [of_one.pop() for of_one in waiting.values() if of_one]
        taken = round_[: n - len(chosen)]
        chosen += [taken[k] for k in _order(seed, f"order {turn}", len(taken))]
        turn += 1
    return chosen


def _sides(prompts: Sequence[str], seed: int) -> list[Literal["first", "second"]]:
    """What stands on the left in each trial."""
    of_prompt: dict[str, list[int]] = defaultdict(list)
    for i in _order(seed, "sides", len(prompts)):
        of_prompt[prompts[i]].append(i)
    left: list[Literal["first", "second"]] = ["first"] * len(prompts)
    odd = 0
    for members in of_prompt.values():
        for k, i in enumerate(members):
            left[i] = "second" if (k + odd) % 2 else "first"
        odd += len(members) % 2
    return left
