"""The denoising network of a pipeline: asked in batches that fit into memory, by one thread at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from guidewidgets.concept import Concept
from guidewidgets.engine.families.base import TextEmbedding
from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.half import half_call
from guidewidgets.engine.model.barriers import eased
from guidewidgets.engine.model.blockwise import blockwise, too_deep
from guidewidgets.engine.model.guest import at_rest
from guidewidgets.engine.model.known import all_in
from guidewidgets.engine.model.load import lock_of
from guidewidgets.engine.model.microbatch import RowBudget, free_bytes
from guidewidgets.engine.model.needs import held_bytes
from guidewidgets.engine.model.spoken import written
from guidewidgets.engine.model.text_cache import TextCache
from guidewidgets.engine.weights import unwrapped


@final
class Network:
    """Rows of (latent, text) to predictions.

    Attributes:
        family: how this kind of model is used.
        module: the denoising network itself, a U-Net or transformer, without wrappers.
        lock: held for one step at a time; one per network, however many engines share it.
        latent_shape: (C, H, W) of the model's own picture size.
        row_seconds: time of one row in the last call, or None before the first.
        concepts: gives the learned words that the model knows now.
    """

    def __init__(self, pipeline: Any, concepts: Callable[[], Sequence[Concept]] = tuple) -> None:
        self.family = family_of(pipeline)
        self.module: nn.Module = unwrapped(self.family.module)
        self.device = self.family.device
        self.dtype: torch.dtype = self.family.module.dtype
        self._rest = at_rest([self.module])
        self.lock = lock_of(self.module)
        self.latent_shape = self.family.latent_shape
        self.row_seconds: float | None = None
        # Networks that take turns on a device are not there yet, when its free memory is asked for.
        coming = held_bytes(self.module) if getattr(pipeline, "_all_hooks", None) else 0
        row_bytes = int(self.family.row_floats * self.dtype.itemsize)
        self.rows = RowBudget(row_bytes, self.device, coming=coming)
        self.texts = TextCache(self.family)
        self.concepts = concepts

    def encoded(self, text: str) -> TextEmbedding:
        """One concept as the network reads it. Raises ValueError where it is too long."""
        with self.lock:
            return self.texts.get([text], [not text], [self.concepts()])[0]

    def check(self, text: str, what: str = "concept") -> None:
        """Refuse a text that the text encoder cannot read, its learned words as it reads them. See `Tokens.check`."""
        said = written(self.family, text, all_in(text, self.concepts()))
        self.family.tokens.check(said, what)

    def ask(
        self,
        x: Tensor,
        images: Tensor,
        texts: list[str],
        t: float,
        size: tuple[int, int],
        offsets: Sequence[Tensor | None] | None = None,
        empty: Sequence[bool] | None = None,
        guidance: Sequence[float] | None = None,
        concepts: Sequence[Sequence[Concept]] | None = None,
    ) -> Tensor:
        """Predictions for rows of images and texts.

        Args:
            x: latents of all images (n, C, H, W), fp32 or wider.
            images: index of the image of each row, (rows,).
            texts: concept of each row.
            t: timestep.
            size: (width, height) of the pictures in pixels.
            offsets: of each row, what is added to the states of its concept, of their shape (but for their number,
                where that differs from concept to concept); or None.
            empty: of each row, whether its text stands in the place of ∅; None: the empty texts do.
            guidance: of each row, the number that the network is told, where it takes one; or None.
            concepts: of each row, what learned words mean in its text; None: what the model knows now.

        Returns:
            (rows, C, H, W) in the dtype of `x`.

        Raises:
            ValueError: an offset has another shape than the states.
        """
        words = [self.concepts()] * len(texts) if concepts is None else concepts
        embeddings = self.texts.get(texts, [not text for text in texts] if empty is None else empty, words)
        if offsets is not None:
            ragged = self.family.ragged
            embeddings = [_moved(e, o, ragged=ragged) for e, o in zip(embeddings, offsets, strict=True)]
        if guidance is not None:
            embeddings = [replace(e, guidance=g) for e, g in zip(embeddings, guidance, strict=True)]
        return self.predict(x, images, embeddings, t, size)

    def predict(
        self, x: Tensor, images: Tensor, embeddings: list[TextEmbedding], t: float, size: tuple[int, int]
    ) -> Tensor:
        """Predictions for rows of images and encoded concepts; see `ask`."""
        rows = x[images.to(x.device)]
        width, height = size
        larger = math.prod(x.shape[-2:]) / math.prod(self.latent_shape[1:])

        def call(part: slice, x: Tensor) -> Tensor:
            def ask(x: Tensor) -> Tensor:
                return self.family.predict(x, t, embeddings[part], (height, width))

            with self.lock, self._rest(), eased(self.device), self._kept(x, larger):
                return half_call(ask, x, self.dtype)

        start = time.perf_counter()
        answer = self.rows.run(rows, call, larger).to(x.dtype)
        self.row_seconds = (time.perf_counter() - start) / len(embeddings)
        return answer

    def _kept(self, x: Tensor, larger: float) -> AbstractContextManager[None]:
        """What is kept of a call with rows `x` for the way back: all, or block by block where memory is short."""
        if not (torch.is_grad_enabled() and x.requires_grad):
            return nullcontext()
        row_bytes = larger * self.family.row_floats * self.dtype.itemsize
        deep = too_deep(self.module, len(x), row_bytes, free_bytes(self.device))
        return blockwise(self.module, self._rest) if deep else nullcontext()


def _moved(embedding: TextEmbedding, offset: Tensor | None, *, ragged: bool) -> TextEmbedding:
    if offset is None:
        return embedding
    if ragged:  # concepts differ in length: tokens beyond the offset's stay where they are
        longer = len(embedding.states) - len(offset)
        offset = pad(offset, (0, 0, 0, longer))
    if offset.shape != embedding.states.shape:
        shapes = f"{tuple(offset.shape)}: this model's concepts have {tuple(embedding.states.shape)}"
        message = f"an embedding offset of shape {shapes}"
        raise ValueError(message)
    return replace(embedding, states=embedding.states + offset.to(embedding.states))
