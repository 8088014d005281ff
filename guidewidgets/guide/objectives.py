"""Objectives: likeness to texts and images as CLIP sees it, and plain properties of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, final

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide.crops import Crops, over, settle_crops
from guidewidgets.guide.pictures import Reference, as_picture, to_tensor
from guidewidgets.region import Region
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Loss, Objective, check_text, need_encoder


def great_circle(u: Tensor, v: Tensor) -> Tensor:
    """Half the squared angle between unit vectors, 2 arcsin(|u - v| / 2)²: 0 for equal, π²/8 for orthogonal ones.

    Args:
        u: (..., D).
        v: (..., D).

    Returns:
        (...), in [0, π²/2].
    """
    # The derivative of a norm at zero is not defined; equal vectors are a minimum, so any tiny distance will do.
    half = ((u - v).square().sum(-1) + 1e-20).sqrt() / 2
    return 2 * torch.arcsin(half.clamp(max=1)).square()


def cosine_distance(u: Tensor, v: Tensor) -> Tensor:
    """1 - u · v of unit vectors (..., D): in [0, 2]."""
    return 1 - (u * v).sum(-1)


DISTANCES = {"angle": great_circle, "cosine": cosine_distance}


@final
@dataclass(frozen=True, repr=False)
class ClipText(Objective):
    """Distance of the image to a text (DOODL's text-conditioned generation), on several crops.

    Args:
        text: at most as long as the encoder reads.
        crops: how the image is cut; None: our usual crops.
        distance: "angle", half its square (published), or "cosine", 1 minus it.

    Raises:
        TypeError: the text is none.
        ValueError: no such distance.
    """

    text: str
    crops: Crops | None = None
    distance: str = "angle"

    def __post_init__(self) -> None:
        check_text("text", self.text)
        if self.distance not in tuple(DISTANCES):
            raise ValueError(f"distance={self.distance!r}: expected one of {', '.join(DISTANCES)}")
        settle_crops(self, Crops())

    @property
    def name(self) -> str:
        """ClipText and its text."""
        return f"ClipText({self.text!r})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        target, far = eye.texts([self.text])[0], DISTANCES[self.distance]
        return over(self.crops, lambda images: far(eye.images(images), target.to(images)))


@final
@dataclass(frozen=True, repr=False)
class ClipImage(Objective):
    """Distance of the image to reference images (DOODL's personalisation): to their mean direction.

    Args:
        references: one or several: tensors (3, H, W) in [0, 1], PIL images, or files, of any size. They are kept as
            PIL images in 8 bits a channel, so that they can be written down exactly.
        crops: how the image is cut; None: our usual crops.

    Raises:
        ValueError: there are none, or one cannot be read.
    """

    references: Sequence[Reference] | Reference = field(hash=False)
    crops: Crops | None = None

    def __post_init__(self) -> None:
        alone = (
            isinstance(self.references, (str, Path, Image.Image)) or getattr(self.references, "ndim", 0) == 3
        )
        given: Any = [self.references] if alone else self.references
        if not len(given):
            raise ValueError("references: expected at least one image")
        object.__setattr__(self, "references", tuple(as_picture(reference) for reference in given))
        settle_crops(self, Crops())

    @property
    def name(self) -> str:
        """ClipImage and the number of references."""
        return f"ClipImage({len(self._pictures)} images)"

    @property
    def _pictures(self) -> tuple[Image.Image, ...]:
        return cast("tuple[Image.Image, ...]", self.references)

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        with torch.no_grad():
            seen = torch.cat([eye.images(to_tensor(image)[None]) for image in self._pictures])
        target = F.normalize(seen.mean(0), dim=0)
        return over(self.crops, lambda images: great_circle(eye.images(images), target.to(images)))


@final
@dataclass(frozen=True, repr=False)
class Symmetry(Objective):
    """Mean squared difference of the image to its mirror image."""

    @property
    def name(self) -> str:
        """Symmetry."""
        return "Symmetry"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`; it needs no encoder."""
        del encoder
        return lambda images: (images - images.flip(-1)).square().mean((1, 2, 3))


@final
@dataclass(frozen=True, repr=False)
class MeanColour(Objective):
    """Squared distance of the mean colour of a region to a colour.

    Args:
        colour: (r, g, b) in [0, 1].
        region: whose; None: of the whole image.

    Raises:
        ValueError: that is no colour.
        TypeError: that is no region.
    """

    colour: Sequence[float]
    region: Region | None = None

    def __post_init__(self) -> None:
        try:
            fits = len(self.colour) == 3 and all(0 <= float(part) <= 1 for part in self.colour)
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ValueError(f"colour={self.colour!r:.60}: expected three numbers in [0, 1]")
        if not isinstance(self.region, Region | None):
            message = f"region={self.region!r:.60}: expected a Region such as gw.Region.box(0, 0, 0.5, 1)"
            raise TypeError(message)
        object.__setattr__(self, "colour", tuple(float(part) for part in self.colour))

    @property
    def name(self) -> str:
        """MeanColour and the colour."""
        return f"MeanColour({', '.join(f'{part:g}' for part in self.colour)})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`; it needs no encoder."""
        del encoder

        def loss(images: Tensor) -> Tensor:
            target = images.new_tensor(self.colour)
            if self.region is None:
                return (images.mean((2, 3)) - target).square().sum(1)
            mask = torch.from_numpy(self.region.mask(images.shape[-2], images.shape[-1])).to(images)
            return ((images * mask).sum((2, 3)) / mask.sum() - target).square().sum(1)

        return loss
