"""What there is to paint with: `gw.doctor()`."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from typing import NamedTuple

import psutil
import torch

from guidewidgets.engine.model.fit import GIB, QUANTISERS, Memory, choose, installed, version
from guidewidgets.engine.model.fitted import memory_of, usual_dtypes
from guidewidgets.engine.model.load import best_device
from guidewidgets.engine.model.needs import DECODER_FLOATS, Needs, Part
from guidewidgets.engine.workers.pool import tables

SHOWN = (
    *("guidewidgets", "torch", "diffusers", "transformers", "accelerate", "peft"),
    *("jupyterlab", "ipykernel", "ipywidgets", "anywidget"),
)
EMBEDDINGS = 0.4e9  # numbers in the largest table of words


class Size(NamedTuple):
    """A model as its makers publish it: numbers of parameters, in thousand millions.

    Attributes:
        denoiser, text: of its networks.
        row: numbers that the denoiser keeps alive for one picture.
        side: of that picture in pixels.
        vae: parameters of the autoencoder.
        frames: whether that is one of videos.
        unet: whether the denoiser is a U-Net.
    """

    denoiser: float
    text: float
    row: float
    side: int = 1024
    vae: float = 0.084
    frames: bool = False
    unet: bool = False

    def needs(self, dtype: torch.dtype) -> Needs:
        """What it takes in a dtype."""
        bytes_ = int(1e9 * dtype.itemsize)
        table = int(EMBEDDINGS * dtype.itemsize)
        parts = {
            "denoiser": Part(int(self.denoiser * bytes_), int(0.95 * self.denoiser * bytes_), table // 4),
            "text": Part(
                int(self.text * bytes_), int(0.9 * self.text * bytes_), min(table, int(self.text * bytes_))
            ),
            "vae": Part(int(self.vae * bytes_), 0, table // 4),
        }
        painted = DECODER_FLOATS[self.frames] * 128 * self.side**2 * dtype.itemsize
        return Needs(parts, "denoiser", {"denoiser": int(self.row * bytes_), "vae": painted})


MODELS = {
    "Stable Diffusion 1.5": Size(0.86, 0.12, 0.08, 512, unet=True),
    "Stable Diffusion XL": Size(2.57, 0.82, 0.32, unet=True),
    "Stable Diffusion 3.5 medium": Size(2.5, 5.6, 0.11),
    "Stable Diffusion 3.5 large": Size(8.1, 5.6, 0.18),
    "PixArt-Σ": Size(0.61, 4.8, 0.08),
    "Sana 1.6B": Size(1.6, 2.6, 0.05, vae=0.31),
    "Lumina 2": Size(2.6, 2.6, 0.17),
    "FLUX.2 klein 4B": Size(3.9, 4.0, 0.23),
    "Z-Image": Size(6.2, 4.0, 0.28),
    "AuraFlow": Size(6.8, 1.2, 0.23),
    "Chroma": Size(8.9, 4.8, 0.23),
    "FLUX.1": Size(11.9, 4.9, 0.23),
    "Qwen-Image": Size(20.4, 8.3, 0.23, vae=0.13, frames=True),
    "FLUX.2 dev": Size(32.2, 24.0, 0.45),
}


def doctor() -> None:
    """Print the device, its memory, the versions of what matters, and which models `fit="auto"` would load here, how.

    Workers of loaded models follow: process, host, memory, speed, what they have painted and what they paint.

    Sizes of models are those that their makers publish; `Engine.load(…, fit="auto")` measures the one it is given.
    """
    print("\n".join(report(best_device())))  # noqa: T201 - what it is for


def report(device: torch.device, memory: Memory | None = None) -> Iterator[str]:
    """The lines that `doctor` prints.

    Args:
        device: where models run.
        memory: that may be used; None is what is free.
    """
    memory = memory or memory_of(device)
    yield f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield ", ".join(f"{package} {version(package) or 'not installed'}" for package in SHOWN)
    packers = ", ".join(f"{q.package} {version(q.package)}" for q in installed())
    yield f"quantisers: {packers or 'none (' + ', '.join(q.package for q in QUANTISERS) + ')'}"
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "CPU"
    yield f"device: {device} ({name}), {memory.device / GIB:.1f} GiB free"
    total = psutil.virtual_memory().total / GIB
    yield f"RAM: {total:.1f} GiB, {memory.host / GIB:.1f} GiB free; {torch.get_num_threads()} threads"
    yield "What Engine.load(…, fit='auto') would do with:"
    for model, size in MODELS.items():
        dtypes = usual_dtypes(device, transformer=not size.unet)
        try:
            plan = str(choose({dtype: size.needs(dtype) for dtype in dtypes}, memory))
        except ValueError as error:
            plan = f"does not fit: {error}"
        yield f"  {model:<28} {plan}"
    yield from tables()
