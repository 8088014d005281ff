"""What differs from one family of models to the next, and nothing else: subclasses use a diffusers pipeline's parts.

The pipeline's scheduler is never stepped. Samplers, composition, gradients, ensembles and previews are shared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, final

import torch
from torch import Tensor, nn

from guidewidgets.engine.families.tokens import Reading, Tokens, tokenizing, words_of
from guidewidgets.engine.samplers.grids import CONSISTENCY, make_schedule
from guidewidgets.engine.samplers.own import own_sampler
from guidewidgets.engine.samplers.registry import SAMPLERS
from guidewidgets.engine.samplers.schedule import Schedule
from guidewidgets.engine.weights import execution_device

OWN_PIXELS = 1024  # a side of a model's own pictures, where nothing of it says how large they are


@unique
class Guidance(Enum):
    """What the guidance scale s does.

    LINEAR: ε* = ε(∅) + s Σ w (ε(c) - ε(∅)).
    RESCALED: the same, and then its length is brought back to that of s = 1; see `Family.rescale`.
    EMBEDDED: it is a number that the network is told, and concepts are composed at s = 1.
    """

    LINEAR = "linear"
    RESCALED = "rescaled"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class TextEmbedding:
    """One encoded concept.

    Attributes:
        states: of its tokens, (L, D); L may differ from concept to concept.
        pooled: one vector for all of it, (P,), for families that use it.
        mask: which tokens the network may attend to, (L,) of bool; None: all.
        guidance: the number that the network is told, where that is a condition like the text.
    """

    states: Tensor
    pooled: Tensor | None = None
    mask: Tensor | None = None
    guidance: float = 1.0


def stack(embeddings: Sequence[TextEmbedding], x: Tensor) -> tuple[Tensor, Tensor]:
    """States (rows, L, D), the shorter ones padded with zeros, and which of them are text, (rows, L) of bool.

    They may have been encoded elsewhere, and in another precision than that of the latents `x`.
    """
    states = nn.utils.rnn.pad_sequence([e.states for e in embeddings], batch_first=True).to(x)
    masks = [
        e.states.new_ones(len(e.states), dtype=torch.bool) if e.mask is None else e.mask for e in embeddings
    ]
    return states, nn.utils.rnn.pad_sequence(masks, batch_first=True).to(x.device)


def pooled(embeddings: Sequence[TextEmbedding], x: Tensor) -> Tensor:
    """Their pooled vectors, (rows, P); see `stack`."""
    return torch.stack([e.pooled for e in embeddings if e.pooled is not None]).to(x)


class Family(ABC):
    """How one kind of text-to-image model is used.

    Attributes:
        part, reader: names of the pipeline's denoising network, and of the tokenizer whose limit counts.
        text_tokens: how many tokens are read, marks and frame included; None: as the tokenizer says.
        marked: whether the tokenizer puts its marks around the frame, which may hold them itself.
        module, config: the denoising network and its numbers.
        latent_shape: (C, H, W) of the model's own picture size.
        unit: latent pixels that height and width are multiples of.
        longest: most latent pixels of a side, or None.
        row_floats: rough number of activations alive at once while the network looks at one row of the own size.
        ragged: whether concepts have as many states as their texts have tokens, so that they differ.
        frames: whether the autoencoder is one of videos: pictures are videos of one frame.
        attends: names of the layers where places of the picture look at a concept's tokens, as a regular expression;
            empty: there are none.
        factor: pixels per latent pixel.
        tokens: counts and checks the tokens of a text.
        guidance: what the guidance scale does.
        defaults: steps and guidance scale that the model's makers advise.
        few: the same where it is distilled to a few steps without guidance.
        distilled: by which sign guidance was distilled away; empty where the model shows none.
        samplers: names of those that can walk this model; "ddim" is always one.
    """

    part: str
    reader = "tokenizer"
    text_tokens: int | None = None
    marked = True
    unit: int
    longest: int | None = None
    row_floats: float
    ragged = False
    frames = False
    attends = ""
    guidance = Guidance.LINEAR
    defaults: tuple[int, float] = (20, 7.5)
    few: tuple[int, float] = (4, 1.0)
    distilled = ""
    samplers: tuple[str, ...] = tuple(name for name in SAMPLERS if name not in CONSISTENCY)

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.module: Any = getattr(pipeline, self.part)
        self.config: Any = self.module.config
        self.factor = self.pixels_per_latent()
        size = self.config.get("sample_size") or getattr(pipeline, "default_sample_size", None)
        pixels = int(size) * int(pipeline.vae_scale_factor) if size else OWN_PIXELS
        side = pixels // self.factor
        self.latent_shape = (self.channels(), side, side)
        self.scale = float(pipeline.vae.config.get("scaling_factor") or 1.0)
        self.shift = float(pipeline.vae.config.get("shift_factor") or 0.0)
        self.tokens = Tokens(words_of(getattr(pipeline, self.reader)))
        self.tokens.limit = self.longest_text()

    @property
    def text_device(self) -> torch.device:
        """Where texts are encoded."""
        return execution_device(self.pipeline.text_encoder)

    def channels(self) -> int:
        """C of the latents."""
        return int(self.config.in_channels)

    def pixels_per_latent(self) -> int:
        """Pixels per latent pixel."""
        return int(self.pipeline.vae_scale_factor)

    def framed(self, text: str) -> str:
        """What the tokenizer is given for a concept, which some families put into a frame."""
        return text

    def cut(self) -> int:
        """States of the frame's first tokens that are left out."""
        return 0

    def longest_text(self) -> int:
        """How many tokens of a concept itself are read, marks included."""
        if self.text_tokens is None:
            return self.tokens.limit
        frame = len(self.tokens.of(self.framed(""), marked=self.marked)) - len(self.tokens.of(""))
        return self.text_tokens + self.cut() - frame

    def readings(self, text: str) -> Sequence[Reading]:
        """By which tokenizer a concept is read, and which of its states that gives, for each that does."""
        return (Reading(self.tokens, self.framed(text), -self.cut(), marked=self.marked),)

    def text_at(self, places: int) -> int:
        """Where the text begins among the keys that `places` of the picture look at."""
        del places
        return 0

    def own_sampler(self) -> tuple[str, str]:
        """The sampler that the pipeline's scheduler names, and what to tell users where another has to stand in."""
        scheduler = self.pipeline.scheduler
        return own_sampler(type(scheduler).__name__, scheduler.config)

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return execution_device(self.module)

    def upcasts(self, dtype: torch.dtype) -> bool:
        """Whether the pipeline itself puts an autoencoder of this dtype into fp32 while it decodes."""
        del dtype
        return False

    def schedule(self, steps: int, size: tuple[int, int], sampler: str) -> Schedule:
        """Noise schedule of `steps` steps of a sampler for pictures of `size` (width, height) in pixels.

        Here that of ᾱ, from the numbers in the pipeline's scheduler, the same for all sizes. Raises ValueError where
        there is none.
        """
        del size
        scheduler = self.pipeline.scheduler
        return make_schedule(scheduler.config, steps, sampler, type(scheduler).__name__)

    @final
    def encoded(self, text: str, *texts: str, **how: Any) -> Any:
        """What the pipeline's `encode_prompt` answers for one concept, told `how`. Raises as `Tokens.check`."""
        self.tokens.check(text)
        with tokenizing:
            return self.pipeline.encode_prompt(text, *texts, device=self.text_device, **how)

    @abstractmethod
    def encode(self, text: str, *, empty: bool = False) -> TextEmbedding:
        """Encode one concept. Raises as `Tokens.check`.

        Args:
            text: the concept; the empty text is the unconditional concept.
            empty: it stands in the place of ∅, as a negative prompt does, which some models read differently.
        """

    @abstractmethod
    def predict(self, x: Tensor, t: float, embeddings: list[TextEmbedding], size: tuple[int, int]) -> Tensor:
        """The network's raw prediction (rows, C, H, W) at latents `x` of this shape, in its dtype, at timestep `t`.

        Args: one embedding per row; `size` is (height, width) of the pictures in pixels.
        """

    def rescale(self, guided: Tensor, plain: Tensor) -> Tensor:
        """The guided prediction (n, C, H, W) brought to the length of the one at s = 1, where guidance is rescaled."""
        del plain
        return guided

    def to_vae(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) of the denoiser to those of the autoencoder."""
        mean, std = self._spread(latents)
        return latents * std / self.scale + (self.shift + mean)

    def from_vae(self, latents: Tensor) -> Tensor:
        """Latents (n, C, H, W) of the autoencoder to those of the denoiser."""
        mean, std = self._spread(latents)
        return (latents - (self.shift + mean)) * self.scale / std

    def _spread(self, like: Tensor) -> tuple[Tensor | float, Tensor | float]:
        """Mean and standard deviation by channel that the autoencoder's config gives its latents, (1, C, 1, 1)."""
        config = self.pipeline.vae.config
        mean, std = config.get("latents_mean"), config.get("latents_std")
        if mean is None or std is None:
            return 0.0, 1.0
        return like.new_tensor(mean).view(1, -1, 1, 1), like.new_tensor(std).view(1, -1, 1, 1)
