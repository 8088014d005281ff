"""Objectives: likeness to texts and images as CLIP sees it, and plain properties of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide.crops import Crops
from guidewidgets.region import Region
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Loss, Objective, need_encoder


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


@final
class ClipText(Objective):
    """Distance of the image to a text (DOODL's text-conditioned generation), on several crops."""

    def __init__(self, text: str, crops: Crops | None = None) -> None:
        self.text = text
        self.crops = crops or Crops()

    @property
    def name(self) -> str:
        """ClipText and its text."""
        return f"ClipText({self.text!r})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        target = eye.texts([self.text])[0]
        return self.crops.loss(lambda images: great_circle(eye.images(images), target.to(images)))


@final
class ClipImage(Objective):
    """Distance of the image to reference images (DOODL's personalisation): to their mean direction."""

    def __init__(self, references: Sequence[Tensor], crops: Crops | None = None) -> None:
        """Take reference images (3, H, W) in [0, 1], of any size.

        Raises:
            ValueError: there are none.
        """
        if not references:
            message = "references: expected at least one image"
            raise ValueError(message)
        self.references = tuple(references)
        self.crops = crops or Crops()

    @property
    def name(self) -> str:
        """ClipImage and the number of references."""
        return f"ClipImage({len(self.references)} images)"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        with torch.no_grad():
            seen = torch.cat([eye.images(image[None].float()) for image in self.references])
        target = F.normalize(seen.mean(0), dim=0)
        return self.crops.loss(lambda images: great_circle(eye.images(images), target.to(images)))


@final
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
class MeanColour(Objective):
    """Squared distance of the mean colour of a region to a colour."""

    def __init__(self, colour: Sequence[float], region: Region | None = None) -> None:
        """Take a colour (r, g, b) in [0, 1]; without a region it is the whole image's.

        Raises:
            ValueError: that is no colour.
        """
        if len(colour) != 3 or not all(0 <= part <= 1 for part in colour):
            message = f"colour={tuple(colour)!r}: expected three numbers in [0, 1]"
            raise ValueError(message)
        self.colour = tuple(float(part) for part in colour)
        self.region = region

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
