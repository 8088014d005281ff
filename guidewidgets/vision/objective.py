"""What can be optimised: differentiable losses on images, which add and scale.

    objective = ClipText("a red fox") + 0.3 * Symmetry()

An objective holds no model. It is given the encoder of the engine it is used with, so the same objective works with
every engine that has one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, final

from torch import Tensor

from guidewidgets.vision.encoder import ClipEncoder

Loss = Callable[[Tensor], Tensor]
"""Images (n, 3, H, W) in [0, 1] → losses (n,)."""


class Objective(ABC):
    """A loss on images, smaller is better."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Short, for curves and messages."""

    @abstractmethod
    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """The loss as a function of images.

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
        message = f"{self.name} cannot be written down"
        raise TypeError(message)

    @final
    def __add__(self, other: Objective) -> Objective:
        return Sum((*self.parts, *other.parts))

    @final
    def __mul__(self, weight: float) -> Objective:
        return Sum(tuple((w * float(weight), part) for w, part in self.parts))

    @final
    def __rmul__(self, weight: float) -> Objective:
        return self * weight

    def __repr__(self) -> str:
        return self.name


@final
class Sum(Objective):
    """Weighted sum of objectives."""

    def __init__(self, parts: tuple[tuple[float, Objective], ...]) -> None:
        self._parts = parts

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


def need_encoder(encoder: ClipEncoder | None, name: str) -> ClipEncoder:
    """The encoder, or a clear word that there is none.

    Raises:
        ValueError: there is none.
    """
    if encoder is None:
        message = (
            f"{name} needs an image encoder: set one with engine.encoder = ClipEncoder.load('folder or id')"
        )
        raise ValueError(message)
    return encoder
