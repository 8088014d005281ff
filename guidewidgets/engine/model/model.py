"""A loaded model: its parts, its sizes, its noise and its autoencoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine.advice import distilled
from guidewidgets.engine.check import check_images, check_latents, check_number
from guidewidgets.engine.guidance.ensemble import find_ensemble, lend, present
from guidewidgets.engine.model import preview
from guidewidgets.engine.model.autoencoder import Autoencoder
from guidewidgets.engine.model.defaults import Vocabulary
from guidewidgets.engine.model.load import Opened
from guidewidgets.engine.model.network import Network
from guidewidgets.engine.model.safety import find_filtered
from guidewidgets.engine.samplers import noise
from guidewidgets.prompt import Literal, Prompt

ENCODERS: dict[str, Callable[[], Any]] = {}
"""Model id → its encoder. Filled from upstairs: the engine does not know what can look at images."""


class Model:
    """What `Engine` renders with."""

    def __init__(self, opened: Opened) -> None:
        self.pipeline = opened.pipeline
        self.id, self.revision = opened.id, opened.revision
        self.network = Network(opened.pipeline)
        self.device, self.dtype = self.network.device, self.network.dtype
        self.latent_shape = self.network.latent_shape
        self.lock = self.network.lock
        self.codec = Autoencoder(opened.pipeline, self.device)
        self.vocabulary = Vocabulary.beside(opened.folder, few=bool(distilled(self)))
        self._encoder: Any = ...  # nobody has said yet
        self._preview = preview.beside(opened.folder, self.device)
        present(self)

    @property
    def encoder(self) -> Any:
        """What looks at images for whoever guides or learns: set one, or None. The engine itself does not use it.

        A model whose id is in `ENCODERS` brings its own, loaded when first asked for.
        """
        if self._encoder is ...:
            self._encoder = ENCODERS[self.id]() if self.id in ENCODERS else None
        return self._encoder

    @encoder.setter
    def encoder(self, encoder: Any) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        """What prompts call it by: its id and revision."""
        return f"{self.id}#{self.revision}"

    def lend(self) -> str:
        """Let prompts name this model, from now until the process ends; its name."""
        return lend(self)

    @property
    def size(self) -> tuple[int, int]:
        """The model's own picture size, (width, height) in pixels."""
        _, height, width = self.latent_shape
        return width * self.codec.factor, height * self.codec.factor

    def shape_of(self, size: tuple[int, int] | None) -> tuple[int, int, int]:
        """Latent shape (C, H, W) of a picture size (width, height) in pixels; None is the model's own.

        Raises:
            ValueError: the size is no positive multiple of what the network can halve.
        """
        if size is None:
            return self.latent_shape
        unit = self.codec.factor * 2 ** (len(self.pipeline.unet.config.block_out_channels) - 1)
        if len(size) != 2 or any(not isinstance(side, int) or side <= 0 or side % unit for side in size):
            message = f"size={size!r}: expected (width, height) in positive multiples of {unit} pixels"
            raise ValueError(message)
        width, height = size
        return self.latent_shape[0], height // self.codec.factor, width // self.codec.factor

    def noise(self, n: int, seed: int = 0, size: tuple[int, int] | None = None) -> Tensor:
        """Fresh initial noise; image i depends on (seed, i) and the size only, on any device.

        Args:
            n: number of images, at least 1.
            seed: non-negative int.
            size: (width, height) in pixels; None is the model's own.

        Returns:
            (n, C, H, W) float32 on the CPU, standard normal, rounded to fp16.

        Raises:
            ValueError, TypeError: a number is out of range or no int.
        """
        check_number("n", n, 1)
        check_number("seed", seed, 0)
        return noise.draw(n, self.shape_of(size), seed)

    def decode(self, z: Tensor) -> Tensor:
        """Latents (n, C, H, W) to images (n, 3, f H, f W) in [0, 1]; gradients flow where they are enabled."""
        check_latents(z, self.latent_shape[0])
        with self.lock, torch.set_grad_enabled(torch.is_grad_enabled() and z.requires_grad):
            return self.codec.decode(z.to(self.device))

    def encode(self, image: Tensor) -> Tensor:
        """Images (n, 3, H, W) in [0, 1] to latents (n, C, H/f, W/f): the mode, never a sample."""
        check_images(image)
        with self.lock, torch.set_grad_enabled(torch.is_grad_enabled() and image.requires_grad):
            return self.codec.encode(image.to(self.device))

    def preview(self, denoised: Tensor) -> np.ndarray:
        """Quick pictures of latents on their way (n, C, H, W): uint8 (n, h, w, 3), at most the pictures' own size."""
        with self.lock:
            if self._preview is None:
                self._preview = preview.fit(
                    self.codec.decode, self.latent_shape[0], self.codec.factor, self.device
                )
            return self._preview(denoised)

    def find_filtered(self, images: Tensor) -> list[bool]:
        """Which images the pipeline's own safety checker, where it has one, would hide."""
        with self.lock, torch.no_grad():
            return find_filtered(self.pipeline, images)

    def unknown_words(self, prompt: str | Prompt) -> list[str]:
        """Words of the prompt that a small model has never read; empty for models that read any text."""
        parsed = Prompt.parse(prompt) if isinstance(prompt, str) else prompt
        return self.vocabulary.unknown(
            " ".join(n.text for n in parsed.walk() if isinstance(n, Literal) and n.model is None)
        )

    def check_prompt(self, prompt: Prompt) -> None:
        """Refuse a prompt that this model cannot be asked.

        Raises:
            ValueError: a concept is longer than the text encoder reads, or by a model that is not loaded or does not
                fit.
        """
        partners = find_ensemble(self, prompt.models)
        for node in prompt.walk():
            if isinstance(node, Literal):
                partners.network(self.network, node.model).family.check_length(node.text)
