"""Where the denoiser looks when it reads a word: its own attention (Tang et al. 2022, "What the DAAM").

Queries and keys are taken as they pass; nothing in the pipeline is replaced. Works for batches, for U-Nets with several
transformers per block such as SDXL, and for transformers, whether they look at the text in layers of its own or in one
sequence with the picture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.families.tokens import Reading
from guidewidgets.vision.saliency.base import Saliency, stretch, upscale
from guidewidgets.vision.saliency.meeting import shares, watched
from guidewidgets.vision.saliency.response import POINTS, check_points, noised

COARSEST = 0.06  # layers with a side below this share of the finest are too coarse to show a place


@final
class CrossAttention(Saliency):
    """Attention of the image's places to one word of the prompt, over all heads and layers that read it."""

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
    totals = torch.zeros(len(tokens), n, height, width)
    for x, t in noised(engine, images, points):
        for i in range(n):
            layers = _layers(engine, x[i : i + 1], t, prompt, tokens, (width, height))
            finest = max(layer.shape[-1] for layer in layers)
            for layer in layers:
                side = _sides(layer.shape[-1], height / width)
                if side is None or layer.shape[-1] < COARSEST**2 * finest:
                    continue
                totals[:, i] += upscale(layer.unflatten(-1, side).cpu(), (height, width))
    return list(totals)


def _layers(
    engine: Engine, x: Tensor, t: float, prompt: str, tokens: Sequence[Sequence[int]], size: tuple[int, int]
) -> list[Tensor]:
    """Attention (groups, places) of each layer to each group of tokens, of one latent (1, C, H, W).

    Raises:
        ValueError: another library than torch computes it, unseen.
    """
    network, family = engine.network, engine.network.family
    found: list[Tensor] = []
    if family.part == "unet":
        with engine.lock, tapped(network.module) as seen:
            network.ask(x, torch.zeros(1, dtype=torch.long), [prompt], t, size)
            for module, q, k in seen:
                w = weights(module, q, k)[0]
                # Each word's share of a place's attention: the begin mark draws most of it everywhere.
                found.append(torch.stack([w[:, list(group)].mean(-1) for group in tokens]).float())
        return found
    places = x.shape[-2] * x.shape[-1] // family.unit**2
    text = family.text_at(places)
    keys = [[text + token for token in group] for group in tokens]

    def see(q: Tensor, k: Tensor, mask: Tensor | None, scale: float | None) -> None:
        picture = 0 if text >= places else q.shape[2] - places  # before the text, or behind it
        found.append(shares(q, k, mask, scale, keys)[:, picture : picture + places])

    with engine.lock, watched(network.module, family.attends, see):
        network.ask(x, torch.zeros(1, dtype=torch.long), [prompt], t, size)
    if not found:
        message = (
            f"{engine.id} computes its attention by another library than torch, where it cannot be seen: "
            "pipe.transformer.set_attention_backend('native') lets torch do it"
        )
        raise ValueError(message)
    return found


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
    """Rows of a word's tokens in the encoded prompt; where it stands more than once, of all.

    Raises:
        ValueError: it is not in the prompt, or the model has no attention to words.
    """
    family = engine.network.family
    if not family.attends:
        message = (
            f"attention to {word!r}: {engine.id} has no layers where places of the picture look at words"
        )
        raise ValueError(message)
    states = len(engine.network.encoded(prompt).states)
    rows = {row for reading in family.readings(prompt) for row in _rows(reading, prompt, word, states)}
    if not rows:
        raise ValueError(f"word={word!r}: expected one of the prompt {prompt!r}")
    return sorted(rows)


def _rows(reading: Reading, prompt: str, word: str, states: int) -> Iterator[int]:
    """Rows of a word's tokens as one tokenizer reads the prompt, of so many states."""

    def ids(text: str) -> list[int]:
        return reading.tokens.of(text, marked=reading.marked)

    whole, marks = ids(reading.text), ids("")
    end = 0 if whole[: len(marks)] == marks else 1  # a mark at the end, which parts of the text have too
    first = states - len(whole) if reading.tokens.padded_left else reading.first
    text, sought, begin = prompt.lower().strip(), word.strip().lower(), 0
    frame = reading.text.lower().rindex(text)
    while sought and (begin := text.find(sought, begin)) >= 0:
        stop = begin + len(sought)
        if not (text[begin - 1 : begin].isalnum() or text[stop : stop + 1].isalnum()):
            before, after = reading.text[: frame + begin].rstrip(), reading.text[: frame + stop]
            found = range(first + len(ids(before)) - end, first + len(ids(after)) - end)
            last = reading.first + reading.rows - end if reading.rows else states
            yield from (row for row in found if max(0, reading.first) <= row < last)
        begin = stop


def _sides(places: int, ratio: float) -> tuple[int, int] | None:
    """Height and width of a layer with so many places, of an image of this ratio of height to width."""
    height = round((places * ratio) ** 0.5)
    return (height, places // height) if height and places % height == 0 else None
