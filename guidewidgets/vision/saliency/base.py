"""What all sources of saliency share, and the two simplest: a network of one's own and a hand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.engine.check import check_images
from guidewidgets.region import Region

KINDS = ("fixation", "object", "text", "painted")


class Saliency(ABC):
    """Images to maps. Deterministic: it draws no random numbers of its own, and changes nothing it is given."""

    kind: str

    @property
    @abstractmethod
    def name(self) -> str:
        """Short, for legends."""

    @abstractmethod
    def look(self, images: Tensor) -> Tensor:
        """Maps (n, H, W) ≥ 0 of images (n, 3, H, W) in [0, 1]; any scale."""

    @final
    def __call__(self, images: Tensor) -> Tensor:
        """Maps of images, each stretched to the whole of [0, 1]; a constant map becomes all zeros.

        Args:
            images: (n, 3, H, W) in [0, 1].

        Returns:
            (n, H, W), float32 or wider, without a gradient.

        Raises:
            ValueError: no such images, or the source answered with NaN.
        """
        check_images(images)
        with torch.no_grad():
            raw = self.look(images.detach())
        if raw.shape != (len(images), *images.shape[-2:]):
            message = f"{self.name} gave maps of shape {tuple(raw.shape)} for images {tuple(images.shape)}"
            raise ValueError(message)
        if not torch.isfinite(raw).all():
            raise ValueError(f"{self.name} gave a map with NaN or infinity")
        return stretch(raw.to(torch.promote_types(raw.dtype, torch.float32)))

    def __repr__(self) -> str:
        return f"<{self.name}: {self.kind}>"


def stretch(maps: Tensor) -> Tensor:
    """Each map (n, H, W) to the whole of [0, 1]; where it is constant, to zeros."""
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    span = high - low
    # A map that varies by rounding alone says nothing.
    says = span > 1e-6 * high.abs().clamp(min=1e-30)
    return torch.where(says, (maps - low) / span.where(says, torch.ones_like(span)), torch.zeros_like(maps))


@final
class Net(Saliency):
    """A network (n, 3, H, W) in [0, 1] → (n, H, W), held in evaluation mode, its weights frozen."""

    def __init__(self, net: nn.Module, name: str, kind: str = "fixation") -> None:
        if kind not in KINDS:
            raise ValueError(f"kind={kind!r}: expected one of {', '.join(KINDS)}")
        self.net = net.eval().requires_grad_(False)  # noqa: FBT003 - torch's own signature
        self.kind = kind
        self._name = name

    @property
    def name(self) -> str:
        """As it was given."""
        return self._name

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`."""
        first = next(self.net.parameters(), None)
        given = images if first is None else images.to(first.device, first.dtype)
        return self.net(given).to(images.device)


@final
class Painted(Saliency):
    """What the user marked: the same region in every image."""

    kind = "painted"

    def __init__(self, region: Region) -> None:
        self.region = region

    @property
    def name(self) -> str:
        """Painted."""
        return "painted by hand"

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`; small regions of a large image are still at least one pixel."""
        height, width = images.shape[-2:]
        mask = torch.from_numpy(self.region.mask(height, width)).to(images.device, torch.float32)
        return mask.expand(len(images), height, width)


def upscale(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps (n, h, w) to another size (H, W), bilinear."""
    return F.interpolate(maps[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]


def blur(maps: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of maps (n, H, W), sigma in pixels; edges are mirrored."""
    radius = min(max(1, round(3 * sigma)), *(side - 1 for side in maps.shape[-2:]))
    if sigma <= 0 or radius < 1:
        return maps
    offsets = torch.arange(-radius, radius + 1, dtype=maps.dtype, device=maps.device)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    padded = F.pad(maps[:, None], (radius, radius, radius, radius), mode="reflect")
    rows = F.conv2d(padded, kernel.reshape(1, 1, -1, 1))
    return F.conv2d(rows, kernel.reshape(1, 1, 1, -1))[:, 0]
