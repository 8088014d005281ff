"""The engine: loads a diffusers pipeline and owns the denoising loop. It knows nothing of sessions and widgets."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, final

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine import noise, preview
from guidewidgets.engine.check import check_images, check_latents, check_number
from guidewidgets.engine.codec import Codec
from guidewidgets.engine.load import Opened, open_pipeline, pick_device, pick_dtype
from guidewidgets.engine.loop import denoise
from guidewidgets.engine.network import Network
from guidewidgets.engine.safety import find_filtered
from guidewidgets.engine.samplers import SampleStep, make_sampler
from guidewidgets.engine.schedule import make_schedule
from guidewidgets.engine.vocabulary import Vocabulary
from guidewidgets.genome import Genome
from guidewidgets.prompt import Literal, Prompt

GRADIENTS = (None, "full")
NEGATIONS = ("linear",)


@final
class Engine:
    """A text-to-image model, ready to render. Safe to call from several threads. Made by `Engine.load`."""

    def __init__(self, opened: Opened) -> None:
        self.pipeline = opened.pipeline
        self.id, self.revision = opened.id, opened.revision
        self.network = Network(opened.pipeline)
        self.device, self.dtype = self.network.device, self.network.dtype
        self.latent_shape = self.network.latent_shape
        self.lock = self.network.lock
        self.codec = Codec(opened.pipeline, self.device)
        self.vocabulary = Vocabulary.beside(opened.folder)
        self._preview = preview.beside(opened.folder, self.device)

    @classmethod
    def load(
        cls,
        model: Any = None,
        device: str | torch.device | None = None,
        dtype: str | torch.dtype | None = None,
    ) -> Engine:
        """Open a model.

        Args:
            model: None (the embedded model), a folder in diffusers' format, an id on the model hub, or a live diffusers
                pipeline, which is shared: its weights are frozen, and cast or moved only if `dtype` or `device` differ.
            device: "cpu", "cuda", "mps" ...; None keeps a live pipeline where it is, else takes the best there is.
            dtype: "float32", "bfloat16", "float16", "float64" or the torch dtype; None keeps a live pipeline's, else
                float32 on the CPU and float16 elsewhere.

        Raises:
            ValueError: the model, device or dtype is not available or not supported; the message names it.
            TypeError: `model` is none of these.
        """
        return cls(open_pipeline(model, pick_device(device), pick_dtype(dtype)))

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

    def genomes(
        self,
        x: Tensor,
        prompt: str | Prompt | Sequence[str | Prompt],
        steps: int | None = None,
        guidance: float | None = None,
        sampler: str = "ddim",
        negative: str | None = None,
        negation: str = "linear",
        seed: int = 0,
    ) -> list[Genome]:
        """Genomes of latents and settings; a prompt with OR gets one branch drawn per image (by `seed` and index).

        Args:
            x: (n, C, H, W).
            prompt: one for all images, or n of them; text is parsed.
            steps: denoising steps; None is the model's default.
            guidance: guidance scale s ≥ 0; None is the model's default.
            sampler: "ddim".
            negative: text in place of the unconditional concept.
            negation: how NOT acts: "linear".
            seed: of the OR branches.

        Raises:
            ValueError, TypeError: a value is out of range; the message names it.
        """
        check_latents(x, self.latent_shape[0])
        steps = self.vocabulary.steps if steps is None else check_number("steps", steps, 1)
        guidance = self.vocabulary.guidance if guidance is None else check_number("guidance", guidance, 0.0)
        if negation not in NEGATIONS:
            message = f"negation={negation!r}: expected one of {', '.join(NEGATIONS)}"
            raise ValueError(message)
        make_sampler(sampler, make_schedule(self.pipeline.scheduler.config, steps))
        prompts = [prompt] * len(x) if isinstance(prompt, (str, Prompt)) else list(prompt)
        if len(prompts) != len(x):
            message = f"{len(prompts)} prompts for {len(x)} latents: expected one, or one each"
            raise ValueError(message)
        parsed = [Prompt.parse(p) if isinstance(p, str) else p for p in prompts]
        size = (x.shape[-1] * self.codec.factor, x.shape[-2] * self.codec.factor)
        wide = x.detach().to("cpu", torch.promote_types(x.dtype, torch.float32))
        return [
            Genome(
                latent=wide[i],
                prompt=parsed[i].resolve(random.Random(f"{seed}/{i}")),  # noqa: S311 - a draw, not a secret
                model=self.id,
                revision=self.revision,
                sampler=sampler,
                steps=steps,
                guidance=guidance,
                size=size,
                dtype=str(self.dtype).removeprefix("torch."),
                negative=negative,
                negation=negation,
            )
            for i in range(len(x))
        ]

    def sample(self, genomes: Sequence[Genome], x: Tensor | None = None) -> Iterator[SampleStep]:
        """Denoise genomes together, yielding after every step; the only way from genomes to latents.

        Stop iterating to cancel. The genomes must share sampler, steps and size; prompts and guidance may differ.

        Args:
            genomes: n of them, of this model.
            x: latents in place of the genomes' own, for gradients: (n, C, H, W).

        Raises:
            ValueError: the genomes do not fit together or to this model, or hold numbers that are not finite.
            FloatingPointError: the network answered with numbers that are not finite.
        """
        for genome in genomes:
            if (genome.model, genome.revision) != (self.id, self.revision):
                theirs, ours = f"{genome.model} ({genome.revision})", f"{self.id} ({self.revision})"
                message = f"a genome of model {theirs} cannot be rendered by {ours}"
                raise ValueError(message)
        return denoise(self.network, self.pipeline.scheduler.config, genomes, x)

    def estimate_seconds(self, n: int, steps: int) -> float:
        """Rough time for n images with one concept each; from the last network call, or from one made now."""
        if self.network.row_seconds is None:
            next(self.sample(self.genomes(self.noise(1), "", steps=1)))
        return n * steps * 2 * (self.network.row_seconds or 0.0)

    def render(
        self,
        x: Tensor,
        prompt: str | Prompt | Sequence[str | Prompt],
        steps: int | None = None,
        guidance: float | None = None,
        sampler: str = "ddim",
        on_step: Callable[[SampleStep], None] | None = None,
        gradient: str | None = None,
        negative: str | None = None,
        negation: str = "linear",
    ) -> Tensor:
        """Latents to images.

        Args:
            x: initial noise (n, C, H, W), standard normal.
            prompt: see `genomes`, as for the other settings.
            steps: denoising steps.
            guidance: guidance scale.
            sampler: name of the sampler.
            on_step: called after every step; an exception it raises ends the rendering.
            gradient: None, or "full": plain autograd through every step, for `x` that requires a gradient.
            negative: text in place of the unconditional concept.
            negation: how NOT acts.

        Returns:
            (n, 3, H, W) in [0, 1], at least float32, on the engine's device; black where a model's safety checker
            objects.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
        """
        if gradient not in GRADIENTS:
            message = f"gradient={gradient!r}: expected None or 'full'"
            raise ValueError(message)
        genomes = self.genomes(x, prompt, steps, guidance, sampler, negative, negation)
        with torch.set_grad_enabled(gradient is not None):
            for step in self.sample(genomes, x=x):
                if on_step is not None:
                    on_step(step)
            images = self.decode(step.x)  # pyright: ignore[reportPossiblyUnboundVariable] - there is at least one step
        hidden = self.find_filtered(images)
        return (
            images * images.new_tensor([not h for h in hidden])[:, None, None, None]
            if any(hidden)
            else images
        )

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
            " ".join(node.text for node in parsed.walk() if isinstance(node, Literal))
        )
