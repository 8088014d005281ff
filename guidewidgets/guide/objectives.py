"""Objectives: likeness to texts and images as CLIP sees it, and plain properties of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide.crops import Crops
from guidewidgets.guide.pictures import Reference, as_picture, to_tensor, to_text
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


def cosine_distance(u: Tensor, v: Tensor) -> Tensor:
    """1 - u · v of unit vectors (..., D): in [0, 2]."""
    return 1 - (u * v).sum(-1)


DISTANCES = {"angle": great_circle, "cosine": cosine_distance}


@final
class ClipText(Objective):
    """Distance of the image to a text (DOODL's text-conditioned generation), on several crops."""

    def __init__(self, text: str, crops: Crops | None = None, distance: str = "angle") -> None:
        """Take the text.

        Args:
            text: at most as long as the encoder reads.
            crops: how the image is cut; None: our usual crops.
            distance: "angle", half its square (published), or "cosine", 1 minus it.

        Raises:
            ValueError: no such distance.
        """
        if distance not in DISTANCES:
            message = f"distance={distance!r}: expected one of {', '.join(DISTANCES)}"
            raise ValueError(message)
        self.text, self.distance = text, distance
        self.crops = crops or Crops()

    @property
    def name(self) -> str:
        """ClipText and its text."""
        return f"ClipText({self.text!r})"

    @property
    def arguments(self) -> dict[str, Any]:
        """See `Objective.arguments`."""
        return {"text": self.text, "crops": self.crops, "distance": self.distance}

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        target, far = eye.texts([self.text])[0], DISTANCES[self.distance]
        return self.crops.loss(lambda images: far(eye.images(images), target.to(images)))


@final
class ClipImage(Objective):
    """Distance of the image to reference images (DOODL's personalisation): to their mean direction."""

    def __init__(self, references: Sequence[Reference], crops: Crops | None = None) -> None:
        """Take reference images: tensors (3, H, W) in [0, 1], PIL images, or files, of any size.

        They are kept in 8 bits a channel, so that they can be written down exactly.

        Raises:
            ValueError: there are none, or one cannot be read.
        """
        if not references:
            message = "references: expected at least one image"
            raise ValueError(message)
        self.references = tuple(as_picture(reference) for reference in references)
        self.crops = crops or Crops()

    @property
    def arguments(self) -> dict[str, Any]:
        """See `Objective.arguments`."""
        return {"references": [to_text(image) for image in self.references], "crops": self.crops}

    @property
    def name(self) -> str:
        """ClipImage and the number of references."""
        return f"ClipImage({len(self.references)} images)"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        with torch.no_grad():
            seen = torch.cat([eye.images(to_tensor(image)[None]) for image in self.references])
        target = F.normalize(seen.mean(0), dim=0)
        return self.crops.loss(lambda images: great_circle(eye.images(images), target.to(images)))


@final
class Symmetry(Objective):
    """Mean squared difference of the image to its mirror image."""

    @property
    def name(self) -> str:
        """Symmetry."""
        return "Symmetry"

    @property
    def arguments(self) -> dict[str, Any]:
        """See `Objective.arguments`."""
        return {}

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

    @property
    def arguments(self) -> dict[str, Any]:
        """See `Objective.arguments`."""
        return {"colour": list(self.colour), "region": self.region}

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
