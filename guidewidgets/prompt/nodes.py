"""The expressions a prompt is made of, and what they mean as a sum of scores."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Final, NamedTuple, final

from guidewidgets.prompt.text import PromptError, number, quoted
from guidewidgets.region import Box, Region

MAX_DEPTH: Final = 50

REGIONS: Final[dict[str, Region]] = {
    "left": Box(0, 0, 0.5, 1),
    "right": Box(0.5, 0, 1, 1),
    "top": Box(0, 0, 1, 0.5),
    "bottom": Box(0, 0.5, 1, 1),
    "center": Box(0.25, 0.25, 0.75, 0.75),
}
_REGION_NAMES = {region: name for name, region in REGIONS.items()}


class Concept(NamedTuple):
    """One summand of a prompt's score."""

    text: str
    weight: float
    """Relative to the guidance scale; negative for NOT."""
    region: Region | None = None
    """Where it holds; None is everywhere."""
    steps: tuple[float, float] | None = None
    """When it holds: while start ≤ step / steps < stop; None is always."""


class Prompt:
    """An expression of concepts: `Prompt(text)` is a literal one, `Prompt.parse(text)` reads the language.

    Frozen, hashable, compared by structure; `Prompt.parse(str(p)) == p`. `p & q`, `p | q`, `~p`, `p * 1.2`
    and `p - q` (p AND NOT q) build larger ones; a bare str beside an operator is parsed.
    """

    # How tightly each kind of expression binds; one that binds too loosely for its place gets braces.
    rank = 4
    # How deep braces and NOTs nest in str(p): bounded, so that no walk can exhaust the stack.
    depth = 0

    def __new__(cls, *args: Any, **kwargs: Any) -> Prompt:  # noqa: PYI034 (a Literal is no Self)
        """`Prompt(text)` makes a `Literal`, as `pathlib.Path(…)` makes the path of the platform."""
        del args, kwargs
        return object.__new__(Literal if cls is Prompt else cls)

    def __init__(self, text: str) -> None: ...

    @staticmethod
    def parse(text: str) -> Prompt:
        """Read a prompt; an empty text is the empty prompt, the unconditional concept.

        Raises:
            PromptError: with line, column, a caret under the place, and a hint.
        """
        if not isinstance(text, str):
            raise TypeError(f"a prompt is a str, got {type(text).__name__}")
        from guidewidgets.prompt.parser import parse  # which is made of these classes

        return parse(text)

    @property
    def terms(self) -> tuple[Prompt, ...]:
        """The top-level conjuncts: one for a single concept, none for the empty prompt."""
        return (self,)

    @property
    def has_or(self) -> bool:
        """Whether branches are still to be drawn."""
        return any(isinstance(node, Or) for node in self.walk())

    def concepts(self) -> tuple[Concept, ...]:
        """The prompt as one flat, signed sum.

        Equal concepts are merged (their weights added), those of weight 0 or without text left out, the rest
        sorted: prompts that differ in the order of their terms only give the same tuple.

        Raises:
            ValueError: if branches of an OR are still to be drawn (see `resolve`).
        """
        weights: defaultdict[Concept, list[float]] = defaultdict(list)
        for concept in self.summands(Concept("", 1.0)):
            if concept.text.strip():
                weights[concept._replace(weight=1.0)].append(concept.weight)
        # fsum rounds once, so that the order of the terms cannot matter.
        summed = [concept._replace(weight=math.fsum(parts)) for concept, parts in weights.items()]
        return tuple(sorted((concept for concept in summed if concept.weight), key=_sort_key))

    def resolve(self, rng: random.Random) -> Prompt:
        """Draw one branch of every OR, by the branches' weights as odds; the prompt itself if it has none."""
        del rng
        return self

    def walk(self) -> Iterator[Prompt]:
        """This expression and all it is made of, from the outside in."""
        yield self

    def at(self, region: Region | str) -> Prompt:
        """The prompt in a part of the image: a `Region` or one of left, right, top, bottom, center."""
        return _qualified(self, region=REGIONS[region] if isinstance(region, str) else region)

    def during(self, start: float, stop: float) -> Prompt:
        """The prompt during a part of the sampling: fractions of its steps, 0 is the start."""
        return _qualified(self, steps=(float(start), float(stop)))

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """The signed concepts as written, inside the weight, region and steps of what stands around them."""
        raise NotImplementedError

    def __and__(self, other: Prompt | str) -> Prompt:
        return And(self, _prompt(other))

    def __rand__(self, other: str) -> Prompt:
        return And(_prompt(other), self)

    def __or__(self, other: Prompt | str) -> Prompt:
        return Or(self, _prompt(other))

    def __ror__(self, other: str) -> Prompt:
        return Or(_prompt(other), self)

    def __sub__(self, other: Prompt | str) -> Prompt:
        return And(self, Not(_prompt(other)))

    def __rsub__(self, other: str) -> Prompt:
        return And(_prompt(other), Not(self))

    def __invert__(self) -> Prompt:
        return Not(self)

    def __mul__(self, weight: float) -> Prompt:
        if isinstance(weight, bool) or not isinstance(weight, Real):
            raise TypeError(f"a weight is a number, got {weight!r:.40}")
        return _qualified(self, weight=float(weight))

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise TypeError("a prompt is neither true nor false: use & | ~ instead of and, or, not")

    def __repr__(self) -> str:
        return f"Prompt.parse({str(self)!r})"


@final
@dataclass(frozen=True, repr=False)
class Literal(Prompt):
    """One concept, its text taken literally."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what is no text."""
        if not isinstance(self.text, str):
            raise TypeError(f"a concept is a str, got {type(self.text).__name__}")

    @property
    def terms(self) -> tuple[Prompt, ...]:
        """See `Prompt.terms`."""
        return (self,) if self.text else ()

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """See `Prompt.summands`."""
        yield outer._replace(text=self.text)

    def __str__(self) -> str:
        return quoted(self.text) if self.text else ""


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
            parts.append(f"@{_region_text(self.region)}")
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


def _prompt(operand: Prompt | str) -> Prompt:
    if isinstance(operand, Prompt):
        return operand
    if isinstance(operand, str):
        return Prompt.parse(operand)
    raise TypeError(f"expected a prompt or a str, got {type(operand).__name__}")


def _qualified(of: Prompt, **new: Any) -> Qualified:
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


def _region_text(region: Region) -> str:
    if region in _REGION_NAMES:
        return _REGION_NAMES[region]
    if isinstance(region, Box):
        return "[{}]".format(",".join(map(number, (region.x0, region.y0, region.x1, region.y1))))
    return json.dumps(region.to_json(), separators=(",", ":"))


def _sort_key(concept: Concept) -> tuple[Any, ...]:
    where = "" if concept.region is None else _region_text(concept.region)
    return concept.text, where, concept.steps or (0.0, 1.0), concept.weight
