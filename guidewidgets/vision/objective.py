"""What can be optimised: differentiable losses on images, which add and scale.

    objective = ClipText("a red fox") + 0.3 * Symmetry()

An objective holds no model. It is given the encoder of the engine it is used with, so the same objective works with
every engine that has one. Ours are frozen dataclasses: a field is an argument of the constructor, its default, what
`repr` shows and what is written into sessions. `LIVE` marks those that cannot be written.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, final

from torch import Tensor

from guidewidgets.vision.encoder import ClipEncoder

Loss = Callable[[Tensor], Tensor]
"""Images (n, 3, H, W) in [0, 1] → losses (n,)."""

LIVE = {"live": True}
"""Metadata of a dataclass field whose value, such as a network, lives in this process only."""


class Objective(ABC):
    """A loss on images, smaller is better."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Short, for curves and messages."""

    @abstractmethod
    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """The loss as a function of images: (n, 3, H, W), RGB in [0, 1], to (n,), one number for each, differentiable.

        Raises:
            ValueError: it needs an encoder and there is none.
        """

    @property
    def parts(self) -> tuple[tuple[float, Objective], ...]:
        """Weighted objectives this one is the sum of."""
        return ((1.0, self),)

    @property
    def arguments(self) -> dict[str, Any]:
        """What it was made with, by name, so that it can be written down and made again.

        Raises:
            TypeError: it holds what cannot be written down, such as a network.
        """
        if not dataclasses.is_dataclass(self):
            raise TypeError(f"{self.name} cannot be written down: it has no fields")
        fields = dataclasses.fields(self)
        if live := [
            f.name for f in fields if f.metadata.get("live") and getattr(self, f.name) is not f.default
        ]:
            raise TypeError(f"{self.name} cannot be written down: its {live[0]} lives in this process only")
        return {f.name: getattr(self, f.name) for f in fields if not f.metadata.get("live")}

    @final
    def __add__(self, other: Objective) -> Objective:
        return Sum((*self.parts, *other.parts))

    @final
    def __mul__(self, weight: float) -> Objective:
        if not math.isfinite(weight):
            raise ValueError(f"{weight} × {self.name}: expected a finite weight")
        return Sum(tuple((w * float(weight), part) for w, part in self.parts))

    @final
    def __rmul__(self, weight: float) -> Objective:
        return self * weight

    def __repr__(self) -> str:
        if not dataclasses.is_dataclass(self):
            return self.name
        return (
            f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in changed(self).items())})"
        )


def changed(objective: Any) -> dict[str, Any]:
    """Arguments of a dataclass objective, by name, without those that are as usual.

    What is usual may depend on the others, as crops do on the kind of classifier: it is what a twin that is given
    nothing but the rest has.
    """
    fields = dataclasses.fields(objective)
    given = {f.name: getattr(objective, f.name) for f in fields}
    needed = [f for f in fields if f.metadata.get("live") or _required(f)]
    twin = type(objective)(**{f.name: given[f.name] for f in needed})
    return {
        f.name: given[f.name]
        for f in fields
        if _required(f) or given[f.name] != (f.default if f in needed else getattr(twin, f.name))
    }


def _required(f: dataclasses.Field[Any]) -> bool:
    return f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING


@final
class Sum(Objective):
    """Weighted sum of objectives."""

    def __init__(self, parts: tuple[tuple[float, Objective], ...]) -> None:
        self._parts = parts

    def __repr__(self) -> str:
        return " + ".join(
            repr(part) if weight == 1 else f"{weight!r} * {part!r}" for weight, part in self._parts
        )

    @property
    def parts(self) -> tuple[tuple[float, Objective], ...]:
        """See `Objective.parts`."""
        return self._parts

    @property
    def name(self) -> str:
        """The terms with their weights."""
        return " + ".join(
            part.name if weight == 1 else f"{weight:g} × {part.name}" for weight, part in self._parts
        )

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """The weighted sum of the parts' losses."""
        bound = [(weight, part.bind(encoder)) for weight, part in self._parts]

        def loss(images: Tensor) -> Tensor:
            return sum(
                (weight * term(images) for weight, term in bound[1:]), bound[0][0] * bound[0][1](images)
            )

        return loss


def check_text(name: str, text: object) -> None:
    """Refuse what is no text. TypeError: it is none."""
    if not isinstance(text, str):
        raise TypeError(f"{name}={text!r:.60}: expected a text")


def need_encoder(encoder: ClipEncoder | None, name: str) -> ClipEncoder:
    """The encoder, or a clear word that there is none.

    Raises:
        ValueError: there is none.
    """
    if encoder is None:
        raise ValueError(
            f"{name} needs an image encoder: engine.encoder = gw.vision.ClipEncoder.load('folder or id')"
        )
    return encoder
