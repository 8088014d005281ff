"""What a pipeline is at this moment, so that the next moment can be told from it.

A pipeline that was lent stays its owner's: between two jobs a LoRA may be loaded, or the scheduler swapped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from guidewidgets.engine.weights import (
    Adapter,
    Weight,
    adapters,
    entries,
    execution_device,
    is_packed,
    modules_of,
    unwrapped,
    weights,
)

Entries = tuple[tuple[bytes, bytes], ...]

# Of every parameter seen: its version, and its first values then. Training in place may change others only.
_first_seen: Any = WeakIdKeyDictionary()


@dataclass(frozen=True, slots=True)
class Part:
    """One network of a pipeline.

    Attributes:
        module: its identity.
        entries: of its own weights, see `weights.entries`.
        adapters: that act on it, and of those their weights.
        words: that were taught to it, with their vectors' digests.
        place: dtype and device.
        versions: how often each weight was changed in place.
    """

    module: int
    entries: Entries
    adapters: tuple[tuple[Adapter, Entries], ...]
    words: Entries
    place: tuple[str, str]
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A pipeline at one moment.

    Attributes:
        objects: identity of every part, wrappers included.
        parts: its networks.
        scheduler: class and numbers of its scheduler.
    """

    objects: Mapping[str, int]
    parts: Mapping[str, Part]
    scheduler: str

    @property
    def adapters(self) -> dict[str, str]:
        """What acts on its networks, with its scale; "0.5, 1" where that differs from layer to layer."""
        found: dict[str, set[float]] = {}
        for part in self.parts.values():
            for adapter, _ in part.adapters:
                found.setdefault(adapter.name, set()).update(adapter.scales)
        return {name: ", ".join(f"{scale:g}" for scale in sorted(found[name])) for name in sorted(found)}


def stamp(pipeline: Any) -> Stamp:
    """What a pipeline is now.

    Raises:
        ValueError: weights are on no device; the message names them.
    """
    found = modules_of(pipeline)
    return Stamp(
        {name: id(part) for name, part in pipeline.components.items()},
        {name: _part(part, _tokenizer(pipeline, name)) for name, part in found.items()},
        scheduler_of(pipeline),
    )


def _tokenizer(pipeline: Any, name: str) -> Any:
    return (
        getattr(pipeline, name.replace("text_encoder", "tokenizer"), None) if "text_encoder" in name else None
    )


def _part(wrapped: Any, tokenizer: Any) -> Part:
    part: Any = unwrapped(wrapped)
    found = list(weights(part))
    told = list(zip(found, _entries(found), strict=True))
    acting = tuple(
        (adapter, tuple(entry for weight, entry in told if weight.adapter == adapter.name))
        for adapter in adapters(part)
    )
    return Part(
        id(part),
        tuple(entry for weight, entry in told if weight.adapter is None),
        acting,
        tuple(_words(part, found, tokenizer)),
        (str(getattr(part, "dtype", None)), str(execution_device(part))),
        tuple(_version(weight.values) for weight in found),
    )


def _entries(found: list[Weight]) -> Iterator[tuple[bytes, bytes]]:
    """Of each weight; one that was changed in place, and not in its first values, by all it holds."""
    for weight, (label, sample) in zip(found, entries(found), strict=True):
        # Nobody trains packed ones, and what is referred to weakly cannot move to another device.
        if is_packed(weight.values):
            yield label, sample
            continue
        version = _version(weight.values)
        known = _first_seen.setdefault(weight.values, (version, sample))
        if known[1] != sample:
            _first_seen[weight.values] = (version, sample)
        elif known[0] != version:
            yield label, sample + _digest(weight.values)
            continue
        yield label, sample


def _version(values: Tensor) -> int:
    return 0 if values.is_inference() else values._version  # noqa: SLF001 - torch's own counter of changes in place


def _digest(values: Tensor) -> bytes:
    return hashlib.sha256(values.detach().float().cpu().contiguous().numpy().tobytes()).digest()


def _words(part: Any, found: list[Weight], tokenizer: Any) -> Iterator[tuple[bytes, bytes]]:
    """Words beyond the tokenizer's own, which textual inversion taught: a table's shape does not tell them apart."""
    if tokenizer is None:
        return
    table: Tensor = part.get_input_embeddings().weight
    values = next(w.values for w in found if w.values is table or w.values.shape == table.shape)
    for word, number in sorted(tokenizer.get_added_vocab().items()):
        if tokenizer.vocab_size <= number < len(values):
            yield word.encode(), _digest(values[number])


def scheduler_of(pipeline: Any) -> str:
    """Class and numbers of a pipeline's scheduler."""
    scheduler = pipeline.scheduler
    numbers = {name: value for name, value in scheduler.config.items() if not name.startswith("_")}
    return json.dumps({"class": type(scheduler).__name__, **numbers}, sort_keys=True, default=str)
