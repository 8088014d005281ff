"""The parts of a loss, each with a name and a weight that may change while an optimisation runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Loss, Objective
from guidewidgets.vision.saliency.boxes import Box


@dataclass(frozen=True, slots=True)
class Focus:
    """Where a loss looked.

    Attributes:
        maps: saliency of each image, (n, H, W) in [0, 1].
        boxes: of each image, the most salient first.
        kind: of the saliency: "fixation", "object", "text" or "painted".
        source: name of what made it.
        threshold: of the maps, at which the boxes were cut.
    """

    maps: Tensor
    boxes: tuple[tuple[Box, ...], ...]
    kind: str
    source: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an objective, bound to the models it needs."""

    name: str
    weight: float
    loss: Loss

    def of(self, images: Tensor) -> Tensor:
        """Its loss of images (n, 3, H, W), unweighted, (n,).

        Raises:
            ValueError: the objective gave anything else.
        """
        found: Any = self.loss(images)
        if not isinstance(found, Tensor) or found.shape != images.shape[:1]:
            n = len(images)
            gave = f"shape {tuple(found.shape)}" if isinstance(found, Tensor) else type(found).__name__
            message = f"{self.name} gave {gave} for {n} image(s): expected a tensor of shape ({n},), a loss for each"
            raise ValueError(message)
        return found


def bind(objective: Objective, encoder: ClipEncoder | None) -> list[Part]:
    """The parts of an objective; equal names are told apart.

    Raises:
        ValueError: a part needs an encoder and there is none.
    """
    found: list[Part] = []
    for weight, part in objective.parts:
        same = sum(other.name == part.name or other.name.startswith(f"{part.name} (") for other in found)
        name = f"{part.name} ({same + 1})" if same else part.name
        found.append(Part(name, weight, part.bind(encoder)))
    return found


class Losses:
    """The weighted sum of an objective's parts: DOODL's loss.

    Attributes:
        weights: of each part, by name.
        watchdog: what is looked at beside it and never followed, or None.
    """

    def __init__(
        self, objective: Objective, encoder: ClipEncoder | None, watch: Objective | None = None
    ) -> None:
        self._parts = bind(objective, encoder)
        self.weights: dict[str, float] = {part.name: part.weight for part in self._parts}
        self.watchdog = None if watch is None else Part(f"watched: {watch.name}", 1.0, watch.bind(encoder))

    def terms(self, images: Tensor, index: int) -> dict[str, Tensor]:
        """Each part of the loss, unweighted, (n,); `index` counts the updates so far."""
        del index
        return {part.name: part.of(images) for part in self._parts}

    def watched(self, images: Tensor, index: int) -> dict[str, Tensor]:
        """The loss that is watched, (n,), which needs no gradient; empty where there is none."""
        if self.watchdog is None:
            return {}
        with torch.no_grad():
            found = {self.watchdog.name: self.watchdog.of(images)}
        check_terms(found, images.detach(), index)
        return found

    def focus(self) -> Focus | None:
        """Where the last `terms` looked; None: everywhere."""
        return None

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """Their weighted sum, (n,)."""
        return torch.stack([self.shown(name) * value for name, value in terms.items()]).sum(0)

    def shown(self, name: str) -> float:
        """What a term is multiplied by in the total."""
        return self.weights[name]

    def check(self, weights: Mapping[str, float]) -> None:
        """Refuse weights that cannot be.

        Raises:
            TypeError: no such part, or no number.
            ValueError: not finite.
        """
        for name, weight in weights.items():
            if name not in self.weights:
                raise TypeError(
                    f"no part {name!r} in the loss: expected some of {', '.join(map(repr, self.weights))}"
                )
            if isinstance(weight, bool) or not isinstance(weight, int | float):
                raise TypeError(f"weight of {name!r} is {weight!r}: expected a number")
            if not math.isfinite(weight):
                raise ValueError(f"weight of {name!r} is {weight!r}: expected a finite number")

    def change(self, weights: Mapping[str, float]) -> None:
        """Change some weights. Raises as `check`, and changes nothing then."""
        self.check(weights)
        self.weights |= {name: float(weight) for name, weight in weights.items()}


def check_terms(terms: Mapping[str, Tensor], images: Tensor, index: int) -> None:
    """Refuse losses that cannot be followed.

    Raises:
        FloatingPointError: one is not finite, or does not depend on the image; it is named.
    """
    for name, value in terms.items():
        if not torch.isfinite(value).all():
            message = f"{name} became {value.detach().sum().item()} at step {index}: the best state before it is kept"
            raise FloatingPointError(message)
        if images.requires_grad and not value.requires_grad:
            raise FloatingPointError(f"{name} does not depend on the image, so there is nothing to optimise")
