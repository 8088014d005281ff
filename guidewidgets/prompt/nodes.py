"""A prompt, and the smallest one: a concept in words. What joins prompts stands in `joins.py`."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Real
from typing import Any, final

from guidewidgets.prompt.concept import REGIONS, Concept, Lender, model_name, sort_key
from guidewidgets.prompt.text import model_text, quoted
from guidewidgets.region import Region


class Prompt:
    """An expression of concepts: `Prompt(text)` is a literal one, `Prompt.parse(text)` reads the language.

    Frozen, hashable, compared by structure; `Prompt.parse(str(p)) == p`. `p & q`, `p | q`, `~p`, `p * 1.2`
    and `p - q` (p AND NOT q) build larger ones; a bare str beside an operator is parsed.
    """

    # How tightly each kind of expression binds; one that binds too loosely for its place gets braces.
    rank = 4
    # How deep braces and NOTs nest in str(p): bounded, so that no walk can exhaust the stack.
    depth = 0
    # Whether it is an OR.
    branches = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Prompt:  # noqa: PYI034 (a Literal is no Self)
        """`Prompt(text)` makes a `Literal`, as `pathlib.Path(…)` makes the path of the platform."""
        del args, kwargs
        return object.__new__(Literal if cls is Prompt else cls)

    def __init__(self, text: str, model: Lender | str | None = None) -> None: ...

    @staticmethod
    def parse(text: str, compat: str | None = None) -> Prompt:
        """Read a prompt; an empty text is the empty prompt, the unconditional concept.

        Args:
            text: in our language, or in another program's.
            compat: None is ours; "a1111" (`a cat :1.2 AND a dog`) or "diffusers" (`a cat | a dog`).

        Raises:
            PromptError: with line, column, a caret under the place, and a hint.
        """
        if not isinstance(text, str):
            raise TypeError(f"a prompt is a str, got {type(text).__name__}")
        if compat is not None:
            from guidewidgets.prompt.compat import read

            return read(text, compat)
        from guidewidgets.prompt.parser import parse  # which is made of these classes

        return parse(text)

    @property
    def terms(self) -> tuple[Prompt, ...]:
        """The top-level conjuncts, one for a single concept, none for the empty prompt."""
        return (self,)

    @property
    def has_or(self) -> bool:
        """Whether branches are still to be drawn."""
        return any(node.branches for node in self.walk())

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the other models its concepts are by, sorted."""
        found = {node.model for node in self.walk() if isinstance(node, Literal)}
        return tuple(sorted(name for name in found if name is not None))

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
        return tuple(sorted((concept for concept in summed if concept.weight), key=sort_key))

    def resolve(self, rng: random.Random) -> Prompt:
        """Draw one branch of every OR, by the branches' weights as odds; the prompt itself if it has none."""
        del rng
        return self

    def walk(self) -> Iterator[Prompt]:
        """This expression and all it is made of, from the outside in."""
        yield self

    def at(self, region: Region | str) -> Prompt:
        """The prompt in a part of the image: a `Region` or one of left, right, top, bottom, center."""
        return _joins().qualified(self, region=REGIONS[region] if isinstance(region, str) else region)

    def during(self, start: float, stop: float) -> Prompt:
        """The prompt during a part of the sampling: fractions of its steps, 0 is the start."""
        return _joins().qualified(self, steps=(float(start), float(stop)))

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """The signed concepts as written, inside the weight, region and steps of what stands around them."""
        raise NotImplementedError

    def __and__(self, other: Prompt | str) -> Prompt:
        return _joins().And(self, _prompt(other))

    def __rand__(self, other: str) -> Prompt:
        return _joins().And(_prompt(other), self)

    def __or__(self, other: Prompt | str) -> Prompt:
        return _joins().Or(self, _prompt(other))

    def __ror__(self, other: str) -> Prompt:
        return _joins().Or(_prompt(other), self)

    def __sub__(self, other: Prompt | str) -> Prompt:
        return _joins().And(self, _joins().Not(_prompt(other)))

    def __rsub__(self, other: str) -> Prompt:
        return _joins().And(_prompt(other), _joins().Not(self))

    def __invert__(self) -> Prompt:
        return _joins().Not(self)

    def __mul__(self, weight: float) -> Prompt:
        if isinstance(weight, bool) or not isinstance(weight, Real):
            raise TypeError(f"a weight is a number, got {weight!r:.40}")
        return _joins().qualified(self, weight=float(weight))

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise TypeError("a prompt is neither true nor false: use & | ~ instead of and, or, not")

    def __repr__(self) -> str:
        return f"Prompt.parse({str(self)!r})"


@final
@dataclass(frozen=True, repr=False)
class Literal(Prompt):
    """One concept, its text taken literally.

    Attributes:
        text: the concept.
        model: name of another loaded model that says what it looks like, or None. Made from anything that lends
            itself, such as an `Engine`.
    """

    text: str
    model: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no text, and ask a model for its name."""
        if not isinstance(self.text, str):
            raise TypeError(f"a concept is a str, got {type(self.text).__name__}")
        object.__setattr__(self, "model", model_name(self.model))

    @property
    def terms(self) -> tuple[Prompt, ...]:
        """See `Prompt.terms`."""
        return (self,) if self.text or self.model else ()

    def summands(self, outer: Concept) -> Iterator[Concept]:
        """See `Prompt.summands`."""
        yield outer._replace(text=self.text, model=self.model)

    def __str__(self) -> str:
        if self.model is not None:
            return f"{quoted(self.text)} @model:{model_text(self.model)}"
        return quoted(self.text) if self.text else ""


def _prompt(operand: Prompt | str) -> Prompt:
    if isinstance(operand, Prompt):
        return operand
    if isinstance(operand, str):
        return Prompt.parse(operand)
    raise TypeError(f"expected a prompt or a str, got {type(operand).__name__}")


def _joins() -> Any:
    """The classes that join prompts, which are made of the one here."""
    from guidewidgets.prompt import joins

    return joins
