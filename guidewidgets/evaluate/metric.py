"""Metrics of pictures behind one protocol: a name, a range, which way is better, and numbers of pictures and prompts.

What is measured with is the user's: models that are loaded already are taken as they are, and nothing is downloaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from guidewidgets.engine.model.finished import to_pixels

Pictures = NDArray[np.uint8]
CHUNK = 16


@runtime_checkable
class Metric(Protocol):
    """What measures pictures. Anything that has these four will do, a package of a metric's authors wrapped, too."""

    @property
    def name(self) -> str:
        """In tables and figures."""
        ...

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest that it can be; infinite where there is no end."""
        ...

    @property
    def higher_is_better(self) -> bool:
        """Which way is better."""
        ...

    def score(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """Numbers (n,) of pictures (n, H, W, 3), 8 bits a channel, each with its prompt."""
        ...


class Endless:
    """The range of a metric that can be any number."""

    @property
    def range(self) -> tuple[float, float]:
        """Without an end."""
        return -math.inf, math.inf


def as_pictures(given: Pictures | Tensor | Sequence[Image.Image]) -> Pictures:
    """Pictures (n, H, W, 3) of 8 bits, of these, of a tensor (n, 3, H, W) in [0, 1], or of PIL images of one size.

    Raises:
        ValueError: they are none of these.
    """
    if isinstance(given, Tensor) and given.ndim == 4 and given.shape[1] == 3 and given.is_floating_point():
        if not bool(((given >= 0) & (given <= 1)).all()):
            raise ValueError("pictures: expected numbers in [0, 1] of a tensor")
        return to_pixels(given.detach().cpu())
    if isinstance(given, np.ndarray):
        if given.ndim == 4 and given.shape[-1] == 3 and given.dtype == np.uint8:
            return given
    elif not isinstance(given, Tensor) and len({image.size for image in given}) == 1:
        return np.stack([np.asarray(image.convert("RGB")) for image in given])
    found = getattr(given, "shape", None) or f"{len(given)} images"
    message = f"pictures: {found}: expected uint8 (n, H, W, 3), a tensor (n, 3, H, W) in [0, 1], or images of one size"
    raise ValueError(message)


def as_images(pictures: Pictures) -> Tensor:
    """Pictures (n, H, W, 3) of 8 bits as a tensor (n, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2) / 255


def check(pictures: Pictures, prompts: Sequence[str]) -> None:
    """Refuse what is not n pictures with a prompt each.

    Raises:
        ValueError: it is not.
    """
    if pictures.ndim != 4 or pictures.shape[-1] != 3 or pictures.dtype != np.uint8:
        raise ValueError(f"pictures: {pictures.dtype} {pictures.shape}: expected uint8 (n, H, W, 3)")
    if isinstance(prompts, str) or len(prompts) != len(pictures):
        raise ValueError(f"{len(prompts)} prompts for {len(pictures)} pictures: expected one each")


def check_still(name: str, *nets: object) -> None:
    """Refuse networks that are being trained: dropout would make every score another one.

    Raises:
        ValueError: one is.
    """
    if any(isinstance(net, torch.nn.Module) and net.training for net in nets):
        raise ValueError(f"{name}: a network is in training mode, whose dropout changes scores: model.eval()")
