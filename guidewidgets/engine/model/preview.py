"""Cheap previews: a linear map from latents to pixels, fitted once per autoencoder.

Each latent pixel and its eight neighbours give the f×f pixels they stand for (f: the autoencoder's scale factor). The
fit takes seconds and replaces a decoder that costs more than a denoising step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.engine.model.finished import to_pixels
from guidewidgets.engine.samplers.noise import generator

RIDGE = 1e-3
FIT_SIZE = 16  # latent pixels: enough neighbourhoods per image, cheap even for a large decoder
FIT_IMAGES = 24


@dataclass(frozen=True, slots=True)
class PreviewMap:
    """Convolution 3×3 from C latent channels to 3·p² values, then a pixel shuffle by p.

    Attributes:
        weight: (3 p², C, 3, 3).
        bias: (3 p²,).
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, latents: Tensor) -> np.ndarray:
        """Pictures of latents (n, C, H, W), finished or on their way.

        Returns:
            uint8 (n, p H, p W, 3).
        """
        patch = round((self.weight.shape[0] / 3) ** 0.5)
        with torch.no_grad():
            flat = F.conv2d(latents.detach().to(self.weight), self.weight, self.bias, padding=1)
            return to_pixels(F.pixel_shuffle(flat, patch).clamp_(0, 1))

    @classmethod
    def load(cls, path: Path) -> PreviewMap:
        """Read a fitted map.

        Raises:
            ValueError: the file does not hold a map of this form.
        """
        tensors = load_file(path)
        weight, bias = tensors.get("weight"), tensors.get("bias")
        if weight is None or bias is None or weight.ndim != 4 or bias.shape != weight.shape[:1]:
            message = f"{path.name}: expected tensors 'weight' (3p², C, 3, 3) and 'bias' (3p²,)"
            raise ValueError(message)
        return cls(weight.float(), bias.float())


def beside(folder: Path | None, device: torch.device) -> PreviewMap | None:
    """The map that a model folder brings along, or None."""
    path = folder and folder / "preview.safetensors"
    if path is None or not path.is_file():
        return None
    found = PreviewMap.load(path)
    return PreviewMap(found.weight.to(device), found.bias.to(device))


def fit(decode: Callable[[Tensor], Tensor], channels: int, factor: int, device: torch.device) -> PreviewMap:
    """Least squares from latents to what the decoder makes of them.

    The latents are noise at several smoothness levels, since a finished latent is smoother than noise.

    Args:
        decode: latents (n, C, H, W) → images (n, 3, f H, f W) in [0, 1].
        channels: C.
        factor: f.
        device: where the map will be used.
    """
    patch = min(factor, 4)  # beyond 4×4 pixels a linear map explains no more
    latents = _smooth_noise(channels).to(device)
    with torch.no_grad():
        images = torch.cat([decode(part) for part in latents.split(4)]).float()
    small = F.avg_pool2d(images, factor // patch) if factor > patch else images
    inputs = F.unfold(latents.float(), 3, padding=1).transpose(1, 2).reshape(-1, channels * 9).cpu().double()
    targets = (
        F.pixel_unshuffle(small, patch).flatten(2).transpose(1, 2).reshape(len(inputs), -1).cpu().double()
    )
    design = torch.cat([inputs, torch.ones(len(inputs), 1, dtype=torch.float64)], 1)
    gram = design.T @ design + RIDGE * len(inputs) * torch.eye(design.shape[1], dtype=torch.float64)
    solution = torch.linalg.solve(gram, design.T @ targets).float()
    weight = solution[:-1].T.reshape(-1, channels, 3, 3).contiguous()
    return PreviewMap(weight.to(device), solution[-1].contiguous().to(device))


def _smooth_noise(channels: int) -> Tensor:
    levels: list[Tensor] = []
    for i in range(FIT_IMAGES):
        coarse = FIT_SIZE // (1, 2, 4, 8)[i % 4]
        noise = torch.randn((1, channels, coarse, coarse), generator=generator(i))
        levels.append(
            F.interpolate(noise, size=(FIT_SIZE, FIT_SIZE), mode="bilinear") if coarse < FIT_SIZE else noise
        )
    batch = torch.cat(levels)
    return batch / batch.std(dim=(1, 2, 3), keepdim=True)
