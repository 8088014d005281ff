"""Attribution of a guided image to the concepts of its prompt, a free by-product of composing it.

Every step adds up arrows sᵢwᵢMᵢ(ε(cᵢ) - ε(∅)) of some thousand numbers. Kept are their lengths and angles, and the map
|ε(cᵢ) - ε(∅)| over the latent, averaged over channels and steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guidewidgets.engine.guidance.composition import Probe, Term


@final
@dataclass(frozen=True, slots=True)
class Attribution:
    """Each concept's contribution to the guided prediction, by step and place.

    Attributes:
        concepts: (text, coefficient s·w) of each concept, in the order of the prompt's sum.
        maps: (concepts, H, W), mean of |ε(c) - ε(∅)| over channels and the steps it took part in, within its region.
        arrows: (steps, concepts, 2): each concept's arrow in the plane of the step's sum; x is how far it pulls along
            the sum, y how far aside. The x of a step add up to the length of the sum, the y to nothing.
        flat: share of the arrows' squared lengths that lies in that plane, by step.
    """

    concepts: tuple[tuple[str, float], ...]
    maps: NDArray[np.float32]
    arrows: NDArray[np.float32]
    flat: NDArray[np.float32]


@final
class Listener:
    """Records the attribution of one image: pass it to `Engine.sample` as `probe`."""

    def __init__(self, image: int = 0) -> None:
        self._image = image
        self._steps: dict[int, dict[Term, Tensor]] = {}

    def __call__(self, k: int) -> Probe:
        """The probe of step k."""

        def record(image: int, term: Term, added: Tensor, total: Tensor) -> None:
            del total
            if image == self._image:  # of several evaluations in one step the last one stays
                self._steps.setdefault(k, {})[term] = added.detach()

        return record

    def influence(self) -> Attribution | None:
        """The attribution recorded so far; None where no concept took part."""
        terms = list(dict.fromkeys(term for step in self._steps.values() for term in step))
        if not terms:
            return None
        maps = [self._map(term) for term in terms]
        planes = [_plane([step.get(term) for term in terms]) for _, step in sorted(self._steps.items())]
        return Attribution(
            tuple((term.text, term.coefficient) for term in terms),
            torch.stack(maps).cpu().numpy(),
            np.stack([arrows for arrows, _ in planes]),
            np.array([flat for _, flat in planes], np.float32),
        )

    def _map(self, term: Term) -> Tensor:
        added = [step[term] for step in self._steps.values() if term in step]
        return torch.stack([one.abs().mean(0) for one in added]).mean(0).float() / abs(term.coefficient)


def _plane(arrows: list[Tensor | None]) -> tuple[NDArray[np.float32], float]:
    """Arrows as points of the plane spanned by their sum and by what most of them do beside it."""
    like = next(a for a in arrows if a is not None)
    rows = torch.stack([torch.zeros_like(like) if a is None else a for a in arrows]).flatten(1).double()
    total = rows.sum(0)
    length = total.norm()
    along = rows @ (total / length) if length > 0 else rows.new_zeros(len(rows))
    aside = rows - along[:, None] * (total / length if length > 0 else total)
    values, vectors = torch.linalg.eigh(aside @ aside.T)
    across = vectors[:, -1] * values[-1].clamp(min=0).sqrt()
    across = across if across[0] >= 0 else -across  # the first concept never points down
    whole = (rows * rows).sum()
    flat = float(((along**2).sum() + (across**2).sum()) / whole) if whole > 0 else 1.0
    return torch.stack([along, across], 1).cpu().numpy().astype(np.float32), min(1.0, flat)
