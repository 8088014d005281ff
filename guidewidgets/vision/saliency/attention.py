"""Where the denoiser looks when it reads a word: its own cross-attention (Tang et al. 2022, "What the DAAM").

Queries and keys are taken from the layers as they pass, whatever computes the attention afterwards; nothing in the
pipeline is replaced. Works for batches, and for families with several transformers per block such as SDXL.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.vision.saliency.base import Saliency, stretch, upscale
from guidewidgets.vision.saliency.response import POINTS, check_points, noised

COARSEST = 0.06  # layers with a side below this share of the finest are too coarse to show a place


@final
class CrossAttention(Saliency):
    """Attention of the image's places to one word of the prompt, over all heads and cross-attention layers."""

    kind = "text"

    def __init__(self, engine: Engine, prompt: str, word: str, points: Sequence[float] = POINTS) -> None:
        """Take a prompt and a word of it.

        Args:
            engine: whose network is asked.
            prompt: one concept; it is not parsed.
            word: to be shown; several words in a row are one.
            points: of the schedule, 0 is noise and towards 1 the picture.

        Raises:
            ValueError: the word is not in the prompt, or the prompt is too long.
        """
        engine.network.family.tokens.check(prompt)
        self._engine, self._prompt, self._word = engine, prompt, word
        self._tokens = tokens_of(engine, prompt, word)
        self._points = check_points(points)

    @property
    def name(self) -> str:
        """Attention to the word."""
        return f"attention to {self._word!r}"

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`."""
        return attention(self._engine, images, self._prompt, [self._tokens], self._points)[0]


def per_word(
    engine: Engine, images: Tensor, prompt: str, words: Sequence[str], points: Sequence[float] = POINTS
) -> dict[str, Tensor]:
    """Maps (n, H, W) in [0, 1] of several words at once, at the cost of one. Raises as `CrossAttention`."""
    engine.network.family.tokens.check(prompt)
    tokens = [tokens_of(engine, prompt, word) for word in words]
    maps = attention(engine, images, prompt, tokens, check_points(points))
    return {word: stretch(one) for word, one in zip(words, maps, strict=True)}


@torch.no_grad()
def attention(
    engine: Engine, images: Tensor, prompt: str, tokens: Sequence[Sequence[int]], points: Sequence[float]
) -> list[Tensor]:
    """Mean attention (n, H, W) to each group of tokens."""
    n, height, width = len(images), *images.shape[-2:]
    totals = [torch.zeros(n, height, width) for _ in tokens]
    for x, t in noised(engine, images, points):
        with engine.lock, tapped(engine.network.module) as seen:
            engine.network.ask(x, torch.arange(n), [prompt] * n, t, (width, height))
            layers = [weights(module, q, k) for module, q, k in seen]
        finest = max(w.shape[-2] for w in layers)
        for w in layers:
            side = _sides(w.shape[-2], height / width)
            if side is None or w.shape[-2] < COARSEST**2 * finest:
                continue
            # Each word's share of a place's attention: the begin mark draws most of it everywhere.
            shares = [w[..., list(group)].mean(-1).reshape(n, *side).float().cpu() for group in tokens]
            totals = [total + upscale(s, (height, width)) for total, s in zip(totals, shares, strict=True)]
    return totals


Seen = list[tuple[Any, Tensor, Tensor]]


@contextmanager
def tapped(network: Any) -> Generator[Seen]:
    """Queries (rows, places, heads · d) and keys (rows, tokens, heads · d) of every cross-attention of a call."""
    seen: Seen = []
    queries: dict[int, list[Tensor]] = {}
    handles: list[Any] = []

    def on_query(module: Any) -> Any:
        return lambda _layer, _given, out: queries.setdefault(id(module), []).append(out.detach())

    def on_key(module: Any) -> Any:
        def note(_layer: Any, _given: Any, out: Tensor) -> None:
            seen.append((module, queries.pop(id(module))[0], out.detach()))

        return note

    try:
        for name, module in network.named_modules():
            if name.endswith("attn2") and getattr(module, "to_k", None) is not None:
                handles.append(module.to_q.register_forward_hook(on_query(module)))
                handles.append(module.to_k.register_forward_hook(on_key(module)))
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def weights(module: Any, q: Tensor, k: Tensor) -> Tensor:
    """softmax(q kᵀ · scale) of q (rows, places, h · d), k (rows, tokens, h · d): (rows, places, tokens)."""
    q, k = (v.unflatten(-1, (module.heads, -1)).transpose(1, 2).float() for v in (q, k))
    return ((q @ k.transpose(-1, -2)) * module.scale).softmax(-1).mean(1)


def tokens_of(engine: Engine, prompt: str, word: str) -> list[int]:
    """Places of a word's tokens in the encoded prompt; where it stands more than once, of all.

    Raises:
        ValueError: it is not in the prompt, or the model has no cross-attention.
    """
    if not engine.network.family.attends:
        message = (
            f"attention to {word!r}: {engine.id} has no cross-attention to words in CLIP's order, as Stable Diffusion "
            "1, 2 and XL have"
        )
        raise ValueError(message)
    found: list[int] = []
    tokens = engine.network.family.tokens.of
    text, sought, begin = prompt.lower(), word.strip().lower(), 0
    while sought and (begin := text.find(sought, begin)) >= 0:
        end = begin + len(sought)
        if not (text[begin - 1 : begin].isalnum() or text[end : end + 1].isalnum()):
            first = len(tokens(prompt[:begin].rstrip())) - 1  # without the end mark
            last = len(tokens(prompt[:end])) - 1
            found += range(first, last)
        begin = end
    if not found:
        raise ValueError(f"word={word!r}: expected one of the prompt {prompt!r}")
    return found


def _sides(places: int, ratio: float) -> tuple[int, int] | None:
    """Height and width of a layer with so many places, of an image of this ratio of height to width."""
    height = round((places * ratio) ** 0.5)
    return (height, places // height) if height and places % height == 0 else None
