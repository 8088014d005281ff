"""A prior on pictures against losses that are gamed: no more variation than there was.

A gradient that only follows a score finds patterns that no sample has, and they come with edges: total variation,

    V(I) = mean |I(u + (1, 0)) - I(u)| + mean |I(u + (0, 1)) - I(u)|

(Rudin, Osher & Fatemi 1992; as the prior of optimised pictures in Mahendran & Vedaldi 2015, arXiv 1412.0035). Plain
total variation is least for no picture at all, so what costs here is only what goes beyond a picture that is honest:
[V(I) / V(like) - 1]₊. That it is the picture that must be held, and not the noise alone, is the finding of Zhai et al.
2025 (MIRA, arXiv 2510.01549), whose term of the model's own scores is a dearer one. `benchmarks/reward_study.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from torch import Tensor

from guidewidgets.engine.check import check_number
from guidewidgets.guide.pictures import Reference, as_picture, to_tensor
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Loss, Objective

LEAST = 1e-3  # a quarter of a level of 8 bits: of a picture of one colour


@final
@dataclass(frozen=True, repr=False)
class Variation(Objective):
    """How much more a picture varies from pixel to pixel than it may, as a share of that; see `like`.

    Args:
        most: variation V that costs nothing, 0.001 to 2.

    Raises:
        ValueError, TypeError: it is no such number.
    """

    most: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "most", check_number("most", self.most, LEAST, 2.0))

    @classmethod
    def like(cls, picture: Reference) -> Variation:
        """As much as a picture varies, such as the one that an optimisation begins with.

        Args:
            picture: a tensor (3, H, W) in [0, 1], a PIL image, or a file.

        Raises:
            ValueError, TypeError: it cannot be read.
        """
        return cls(max(LEAST, float(variation(to_tensor(as_picture(picture))[None]))))

    @property
    def name(self) -> str:
        """Variation and what costs nothing."""
        return f"Variation({self.most:.3g})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`; it needs no encoder."""
        del encoder
        return lambda images: (variation(images) / self.most - 1).clamp(min=0)


def variation(images: Tensor) -> Tensor:
    """Total variation V of images (n, 3, H, W), (n,), in [0, 2]."""
    down, across = (images.diff(dim=axis).abs().mean((1, 2, 3)) for axis in (-2, -1))
    return down + across
