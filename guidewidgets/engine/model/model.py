"""A loaded model: its parts, its sizes, its noise and its autoencoder."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from guidewidgets.caution import caution
from guidewidgets.engine.check import check_images, check_latents, check_number
from guidewidgets.engine.model import known, preview
from guidewidgets.engine.model.autoencoder import Autoencoder, finite
from guidewidgets.engine.model.defaults import Vocabulary
from guidewidgets.engine.model.distilled import distilled, few_steps
from guidewidgets.engine.model.finished import Finished, black_where_not_finite, overflow
from guidewidgets.engine.model.guest import send_home
from guidewidgets.engine.model.language import Language
from guidewidgets.engine.model.load import EMBEDDED_ID, Opened
from guidewidgets.engine.model.loaded import lend, present
from guidewidgets.engine.model.network import Network
from guidewidgets.engine.model.revision import changes, revision
from guidewidgets.engine.model.safety import find_hidden
from guidewidgets.engine.model.stamp import Stamp, stamp
from guidewidgets.engine.samplers import noise
from guidewidgets.engine.samplers.schedule import Schedule


class Model(Language):
    """What `Engine` renders with.

    Attributes:
        notices: what its users should know of the pipeline, one line each, oldest first; see `refresh`.
        fit: how the model was fitted into memory and what that costs; empty where nobody asked.
        has_own_encoder: whether `encoder` is what the model came with, be it none.
    """

    def __init__(self, opened: Opened) -> None:
        self.pipeline, self.id, self.fit = opened.pipeline, opened.id, opened.fit
        self.notices: list[str] = []
        if opened.costs:
            self.notices.append(opened.fit)
            caution(opened.fit)
        self._encoder: Any = ...  # not set yet
        self.has_own_encoder = True
        self._folder, self._origin = opened.folder, opened.origin
        self._take(opened.stamp)
        self._preview = preview.beside(opened.folder, self.device)

    def _take(self, now: Stamp) -> None:
        """Take the pipeline as it is now."""
        network = Network(self.pipeline, lambda: self.concepts)
        self.network, self._stamp = network, now
        self.revision = revision(self._origin, now)
        self.device, self.dtype = network.device, network.dtype
        self.latent_shape = network.latent_shape
        self.lock = network.lock
        self.codec = Autoencoder(network.family)
        steps, guidance = network.family.few
        few = few_steps(self.id, steps), guidance
        self.vocabulary = Vocabulary.beside(self._folder, few if self.distilled else network.family.defaults)
        _, stands_in = network.family.own_sampler()
        if stands_in and stands_in not in self.notices:
            self.notices.append(stands_in)
            caution(stands_in)
        present(self)

    def refresh(self) -> Sequence[str]:
        """Look whether the pipeline is still what it was, and take it as it is; whoever begins a job does so.

        What has changed (adapters and their scales, the scheduler, parts, weights, words) gives another revision, is
        noted in `notices`, and nothing that was kept of before is used again.

        Returns:
            What is new in `notices`.

        Raises:
            ValueError: the pipeline has become one that cannot be used; the message says why.
        """
        with self.lock:
            before, now = self._stamp, stamp(self.pipeline)
            if now == before:
                return ()
            old, told, so_far = self.revision, "; ".join(changes(before, now)), len(self.notices)
            name = self.name
            self._take(now)
            known.hand_on(name, self.name)
            if before.objects.get("vae") != now.objects.get("vae"):
                self._preview = None
            if told:
                made = f": pictures are of revision {self.revision} from now on, not {old}"
                self.notices.append(f"the pipeline has changed: {told}{made if self.revision != old else ''}")
            return self.notices[so_far:]

    @property
    def encoder(self) -> Any:
        """Image encoder for guidance and preference; it can be set, also to None. The engine itself does not use it.

        The embedded model brings its own, loaded at first use; other models have none until one is set.

        Raises:
            ValueError: the embedded encoder's files are missing or damaged.
        """
        if self._encoder is ...:
            # By name: what looks at images stands on the floor above, and is loaded only where it is used.
            own = self.id == EMBEDDED_ID
            self._encoder = importlib.import_module("guidewidgets.vision.embedded").guide() if own else None
        return self._encoder

    @encoder.setter
    def encoder(self, encoder: Any) -> None:
        self._encoder, self.has_own_encoder = encoder, False

    @property
    def distilled(self) -> str:
        """By which sign the model is guidance-distilled; empty where it shows none."""
        scheduler: Any = self.pipeline.scheduler
        return self.network.family.distilled or distilled(self.id, type(scheduler).__name__, scheduler.config)

    def lend(self) -> str:
        """Let prompts name this model, from now until the process ends; its name."""
        return lend(self)

    @property
    def size(self) -> tuple[int, int]:
        """The model's own picture size, (width, height) in pixels."""
        height, width = (self.codec.factor * side for side in self.latent_shape[1:])
        return width, height

    def shape_of(self, size: tuple[int, int] | None) -> tuple[int, int, int]:
        """Latent shape (C, H, W) of a picture size (width, height) in pixels; None is the model's own.

        Raises:
            ValueError, TypeError: the size is no positive multiple of what the network can halve, or no size.
        """
        return self.latent_shape if size is None else self.codec.shape_of(size)

    @property
    def samplers(self) -> tuple[str, ...]:
        """Names that `sampler=` takes for this model; "pipeline" is the one that the pipeline's own scheduler names."""
        return "pipeline", *self.network.family.samplers

    @property
    def sampler(self) -> str:
        """The default sampler, the model's own, else what its scheduler names, or what comes nearest to that."""
        return self.vocabulary.sampler[0] if self.vocabulary.sampler else self.network.family.own_sampler()[0]

    def schedule(self, steps: int, size: tuple[int, int] | None = None, sampler: str = "ddim") -> Schedule:
        """The noise schedule of a walk.

        Args:
            steps: denoising steps, at least 1.
            size: (width, height) in pixels; None is the model's own.
            sampler: that walks it.

        Raises:
            ValueError: the model cannot walk that many steps, or its kind of schedule is not supported.
        """
        return self.network.family.schedule(steps, size or self.size, sampler)

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
        count, start = check_number("n", n, 1), check_number("seed", seed, 0)
        return noise.draw(count, self.shape_of(size), start)

    def decode(self, z: Tensor) -> Tensor:
        """Latents (n, C, H, W) to images (n, 3, f H, f W) in [0, 1]; gradients flow where they are enabled.

        A picture for which the autoencoder gives NaN or infinity is black, with a warning that names it.

        Raises:
            FloatingPointError: such a picture where gradients flow: it has none.
        """
        return self._decode(z)[0]

    def _decode(self, z: Tensor) -> tuple[Tensor, tuple[bool, ...]]:
        """Images, and which of them the autoencoder gave no finite numbers for."""
        check_latents(z, self.latent_shape[0])
        with self.lock, torch.set_grad_enabled(torch.is_grad_enabled() and z.requires_grad):
            images = self.codec.decode(z)
        return black_where_not_finite(images)

    def finish(self, latents: Tensor) -> Finished:
        """Finished latents (n, C, H, W) to pictures, checked one by one: black where hidden or not finite.

        Raises:
            FloatingPointError: see `decode`.
        """
        images, bad = self._decode(latents)
        send_home(self.pipeline)
        hidden = tuple(flag and not b for flag, b in zip(self.find_filtered(images), bad, strict=True))
        if any(hidden):
            images = images * images.new_tensor([not h for h in hidden])[:, None, None, None]
        return Finished(images, hidden, bad)

    def find_filtered(self, images: Tensor) -> list[bool]:
        """Which images (n, 3, H, W) in [0, 1] the pipeline's own safety checker, where it has one, would hide."""
        with self.lock, torch.no_grad():
            return find_hidden(self.pipeline, images, self.dtype)

    def encode(self, image: Tensor) -> Tensor:
        """Images (n, 3, H, W) in [0, 1] to latents (n, C, H/f, W/f): the mode, never a sample.

        Raises:
            ValueError: not such images.
            FloatingPointError: the autoencoder gives NaN or infinity for one, which is named.
        """
        check_images(image)
        with self.lock, torch.set_grad_enabled(torch.is_grad_enabled() and image.requires_grad):
            latents = self.codec.encode(image)
        if not all(good := finite(latents).tolist()):
            raise FloatingPointError(overflow([not one for one in good]))
        return latents

    def preview(self, denoised: Tensor) -> np.ndarray:
        """Quick pictures of latents on their way (n, C, H, W): uint8 (n, h, w, 3), at most the pictures' own size."""
        with self.lock:
            if self._preview is None:
                self._preview = preview.fit(
                    self.codec.decode, self.latent_shape[0], self.codec.factor, self.device
                )
            return self._preview(denoised)
