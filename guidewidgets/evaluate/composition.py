"""The composition benchmark of the emoji world: do all the named things come, and does what is negated stay away?

Each trial asks for one to three nouns, as one sentence and as concepts joined by AND, or for two nouns of which one is
negated. The scene reader looks. Differences between two ways of asking are paired: the same trials, the same noise.

AND asks for what all its concepts allow. "a fox" is a picture of one fox and nothing else, as captions are, and no
picture of an owl alone fits it as well; "a picture with a fox" says nothing of what else there is, and "a picture with
an owl" can hold together with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from guidewidgets.evaluate.asks import phrase
from guidewidgets.evaluate.interval import SHARES, over_prompts
from guidewidgets.prompt import And, Not, Prompt

if TYPE_CHECKING:
    from guidewidgets.vision.reader import Reading

PART: Final = "a picture with {}"
"""How to name one thing of several, in the words the embedded model was trained with."""


@final
@dataclass(frozen=True, slots=True)
class Trial:
    """What a picture must show and must not show.

    Args:
        wanted: nouns that must be there.
        unwanted: nouns that must not.
        group: which table it counts in.
    """

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    group: str = ""

    @property
    def sentence(self) -> Prompt:
        """The wanted nouns in one sentence, "a fox, an owl and a cat"."""
        phrases = [phrase(noun) for noun in self.wanted]
        if len(phrases) < 3:
            return Prompt(" and ".join(phrases))
        return Prompt(f"{', '.join(phrases[:-1])} and {phrases[-1]}")

    @property
    def conjunction(self) -> Prompt:
        """The wanted nouns as concepts, "a fox AND an owl"."""
        parts = [Prompt(phrase(noun)) for noun in self.wanted]
        return And(*parts) if len(parts) > 1 else parts[0]

    @property
    def pictured(self) -> Prompt:
        """As concepts that can hold together, "a picture with a fox AND a picture with an owl"."""
        parts = [Prompt(PART.format(phrase(noun))) for noun in self.wanted]
        return And(*parts) if len(parts) > 1 else parts[0]

    @property
    def unruly(self) -> Prompt:
        """Wanted and unwanted nouns in one sentence: what is there before anything is negated."""
        return Trial((*self.wanted, *self.unwanted)).sentence

    def negated(self, of: Prompt, weight: float = 1.0, form: str = "{}") -> Prompt:
        """A prompt AND NOT the unwanted nouns, each said in a form such as `PART`."""
        unwanted = [Prompt(form.format(phrase(noun))) for noun in self.unwanted]
        return And(of, *(Not(p if weight == 1 else p * weight) for p in unwanted))

    def right(self, seen: Reading) -> bool:
        """Whether all is there that should be and nothing that should not."""
        return self.kept(seen) and self.removed(seen)

    def marks(self, seen: Reading) -> dict[str, bool]:
        """All three of these by name."""
        return {"right": self.right(seen), "kept": self.kept(seen), "removed": self.removed(seen)}

    def kept(self, seen: Reading) -> bool:
        """Whether all wanted nouns are there."""
        return set(self.wanted) <= set(seen.present)

    def removed(self, seen: Reading) -> bool:
        """Whether no unwanted noun is there."""
        return not set(self.unwanted) & set(seen.present)


def pair_trials(
    pairs: Sequence[tuple[str, str]], count: int, group: str, seed: int = 0, *, negate: bool = False
) -> list[Trial]:
    """Trials of two nouns, drawn without repeats so that nouns occur about equally often.

    Args:
        pairs: to draw from.
        count: how many, at most as many as there are pairs.
        group: of the trials.
        seed: draws them.
        negate: the second noun is unwanted.

    Raises:
        ValueError: there are not enough pairs.
    """
    chosen = _evenly(pairs, count, seed)
    return [Trial((a,), (b,), group) if negate else Trial((a, b), (), group) for a, b in chosen]


def triple_trials(
    triples: Sequence[tuple[str, str, str]], count: int, group: str, seed: int = 0
) -> list[Trial]:
    """Trials of three nouns; see `pair_trials`."""
    return [Trial(tuple(nouns), (), group) for nouns in _evenly(triples, count, seed)]


def _evenly(sets: Sequence[tuple[str, ...]], count: int, seed: int) -> list[tuple[str, ...]]:
    if not 1 <= count <= len(sets):
        raise ValueError(f"count={count}: expected 1 to {len(sets)}, as many as there are")
    rng = np.random.default_rng([seed, 31])
    used: dict[str, int] = dict.fromkeys(itertools.chain(*sets), 0)
    left = [sets[i] for i in rng.permutation(len(sets))]
    chosen: list[tuple[str, ...]] = []
    while len(chosen) < count:
        best = min(range(len(left)), key=lambda i: sum(used[noun] for noun in left[i]))
        nouns = left.pop(best)
        for noun in nouns:
            used[noun] += 1
        chosen.append(tuple(nouns[i] for i in rng.permutation(len(nouns))))
    return chosen


@final
@dataclass(frozen=True, slots=True)
class Way:
    """A way of asking.

    Args:
        name: in the table.
        ask: trial → prompt.
        settings: of the rendering, such as negation or corrector.
    """

    name: str
    ask: Callable[[Trial], Prompt]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@final
@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, see `over_prompts`."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} [{100 * self.low:.1f}, {100 * self.high:.1f}]"


def share(marks: Sequence[Sequence[float]]) -> Share:
    """The share of right pictures.

    Args:
        marks: (trials, seeds), each in [0, 1].

    Raises:
        ValueError: there are none, or trials differ in their seeds.
    """
    return Share(*over_prompts(_table(marks).tolist(), SHARES))


def difference(marks: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> Share:
    """By how much one way is right more often than another, over the same trials and noise.

    Raises:
        ValueError: the two are not of the same trials.
    """
    first, second = _table(marks), _table(others)
    if first.shape != second.shape:
        message = f"marks of shapes {first.shape} and {second.shape}: expected the same trials and seeds"
        raise ValueError(message)
    return Share(*over_prompts((first - second).tolist(), (-1.0, 1.0)))


def _table(marks: Sequence[Sequence[float]]) -> np.ndarray:
    if not marks or not len(marks[0]) or any(len(row) != len(marks[0]) for row in marks):
        raise ValueError("marks: expected at least one trial, all with the same number of pictures")
    return np.asarray(marks, np.float64)
