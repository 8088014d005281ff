"""What joins prompts: AND, OR, NOT, and the weights, regions and steps of a part."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, final

from guidewidgets.prompt.concept import Concept, region_text
from guidewidgets.prompt.nodes import Prompt
from guidewidgets.prompt.text import PromptError, number
from guidewidgets.region import Region

MAX_DEPTH: Final = 50


@final
@dataclass(frozen=True, repr=False)
class Qualified(Prompt):
    """A concept or group with a weight, a region, a range of steps, or several of them."""

    of: Prompt
    weight: float | None = None
    region: Region | None = None
    steps: tuple[float, float] | None = None
    rank = 3

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.weight is not None and not math.isfinite(self.weight):
            raise PromptError(f"a weight is a finite number, got {self.weight}")
        if self.steps is not None and not 0 <= self.steps[0] < self.steps[1] <= 1:
            start, stop = map(number, self.steps)
            raise PromptError(f"the step range {start}-{stop} is not in order between 0 and 1")
        _set_depth(self, (self.of,), below=4)

    def resolve(self, rng: random.Random) -> Prompt:
        """See `Prompt.resolve`."""
        of = self.of.resolve(rng)
        return self if of is self.of else replace(self, of=of)

    def walk(self) -> Iterator[Prompt]:
        """See `Prompt.walk`."""
        yield self
        yield from self.of.walk()

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """See `Prompt.summands`."""
        weight = outer.weight * (1.0 if self.weight is None else self.weight)
        region, steps = outer.region or self.region, outer.steps or self.steps
        if outer.region and self.region:
            region = outer.region & self.region
            if region is None:
                return  # nowhere
        if outer.steps and self.steps:
            steps = max(outer.steps[0], self.steps[0]), min(outer.steps[1], self.steps[1])
            if steps[0] >= steps[1]:
                return  # never
        yield from self.of.summands(Concept("", weight, region, steps))

    def __str__(self) -> str:
        parts = [_braced(self.of, 4)]
        if self.weight is not None:
            parts.append(f"::{number(self.weight)}")
        if self.region is not None:
            parts.append(f"@{region_text(self.region)}")
        if self.steps is not None:
            parts.append("%{}-{}".format(*map(number, self.steps)))
        return " ".join(parts)


@final
@dataclass(frozen=True, init=False, repr=False)
class And(Prompt):
    """All of the terms: their scores are added. An And among them is taken apart."""

    parts: tuple[Prompt, ...]
    rank = 1

    def __init__(self, *terms: Prompt) -> None:
        _set_parts(self, terms, below=2)

    @property
    def terms(self) -> tuple[Prompt, ...]:
        """See `Prompt.terms`."""
        return self.parts

    def resolve(self, rng: random.Random) -> Prompt:
        """See `Prompt.resolve`."""
        parts = [part.resolve(rng) for part in self.parts]
        return self if all(new is old for new, old in zip(parts, self.parts, strict=True)) else And(*parts)

    def walk(self) -> Iterator[Prompt]:
        """See `Prompt.walk`."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """See `Prompt.summands`."""
        for part in self.parts:
            yield from part.summands(outer)

    def __str__(self) -> str:
        return " AND ".join(_braced(part, 2) for part in self.parts)


@final
@dataclass(frozen=True, init=False, repr=False)
class Or(Prompt):
    """One of the branches, drawn per image; the branches' weights are their odds, 1 unless given."""

    parts: tuple[Prompt, ...]
    rank = 0
    branches = True

    def __init__(self, *branches: Prompt) -> None:
        _set_parts(self, branches, below=1)
        odds = [_odds(part) for part in self.parts]
        if min(odds) < 0 or not 0 < sum(odds) < math.inf:
            shown = ", ".join(map(number, odds))
            hint = "the weights of OR's branches are odds: 0 or more, and not all 0"
            raise PromptError(f"no branch can be drawn with odds of {shown:.60}", hint=hint)

    def resolve(self, rng: random.Random) -> Prompt:
        """See `Prompt.resolve`."""
        part = rng.choices(self.parts, [_odds(part) for part in self.parts])[0]
        if isinstance(part, Qualified) and part.weight is not None:  # spent on the draw
            plain = part.region is None and part.steps is None
            part = part.of if plain else replace(part, weight=None)
        return part.resolve(rng)

    def walk(self) -> Iterator[Prompt]:
        """See `Prompt.walk`."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """See `Prompt.summands`."""
        del outer
        raise ValueError(f"the branches of {str(self)!r:.80} are not drawn yet: call resolve(rng) first")

    def __str__(self) -> str:
        return " OR ".join(_braced(part, 1) for part in self.parts)


@final
@dataclass(frozen=True, repr=False)
class Not(Prompt):
    """Away from a concept or group: its weights change sign."""

    of: Prompt
    rank = 2

    def __post_init__(self) -> None:
        """Check how deep it nests."""
        _set_depth(self, (self.of,), below=2, own=1)

    def resolve(self, rng: random.Random) -> Prompt:
        """See `Prompt.resolve`."""
        of = self.of.resolve(rng)
        return self if of is self.of else Not(of)

    def walk(self) -> Iterator[Prompt]:
        """See `Prompt.walk`."""
        yield self
        yield from self.of.walk()

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """See `Prompt.summands`."""
        yield from self.of.summands(outer._replace(weight=-outer.weight))

    def __str__(self) -> str:
        return f"NOT {_braced(self.of, 2)}"


def qualified(of: Prompt, **new: Any) -> Qualified:
    """Add to the qualification that is there, or around it where that is taken."""
    if isinstance(of, Qualified) and all(getattr(of, name) is None for name in new):
        return replace(of, **new)
    return Qualified(of, **new)


def _set_parts(node: And | Or, parts: tuple[Prompt, ...], below: int) -> None:
    flat = tuple(inner for part in parts for inner in (part.parts if type(part) is type(node) else (part,)))
    if len(flat) < 2:
        raise PromptError(f"{type(node).__name__} joins two prompts or more, got {len(flat)}")
    object.__setattr__(node, "parts", flat)
    _set_depth(node, flat, below)


def _set_depth(node: Prompt, parts: tuple[Prompt, ...], below: int, own: int = 0) -> None:
    depth = own + max(part.depth + (part.rank < below) for part in parts)
    if depth > MAX_DEPTH:
        raise PromptError(f"the prompt nests more than {MAX_DEPTH} groups and NOTs", hint="take it apart")
    object.__setattr__(node, "depth", depth)


def _braced(part: Prompt, below: int) -> str:
    text = str(part) or '""'
    return f"{{{text}}}" if part.rank < below else text


def _odds(branch: Prompt) -> float:
    return 1.0 if not isinstance(branch, Qualified) or branch.weight is None else branch.weight
