"""ComfyUI's `.latent` files: safetensors with `latent_tensor`, and an empty marker that tells the scale."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from guidewidgets.session.storage import disk
from guidewidgets.tensors import pack, unpack
from guidewidgets.untrusted import bad

MARKER = "latent_format_version_0"
OLD_SCALE = 1 / 0.18215  # of files from before the marker, which hold latents times 0.18215


def write(path: Path, latents: Tensor) -> None:
    """Write latents (n, C, H, W) as they are."""
    tensors = {"latent_tensor": latents.float(), MARKER: torch.empty(0)}
    disk.write(path, pack(tensors), durable=True)


def read(path: Path) -> Tensor:
    """Latents (n, C, H, W), float32.

    Raises:
        SessionFileError: it is no such file.
    """
    tensors = unpack(disk.read(path), path.name)
    latents = tensors.get("latent_tensor")
    if latents is None or latents.ndim != 4 or 0 in latents.shape:
        raise bad(f"{path.name} has no latent_tensor of shape (n, C, H, W)")
    return latents.float() * (1.0 if MARKER in tensors else OLD_SCALE)
