"""Encoded concepts, kept: a grid asks for the same few texts at every step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor

from guidewidgets.concept import Concept
from guidewidgets.engine.families.base import Family, TextEmbedding
from guidewidgets.engine.model.guest import at_rest, send_home
from guidewidgets.engine.model.known import all_in
from guidewidgets.engine.model.spoken import encode
from guidewidgets.engine.weights import modules_of

KEPT = 256

Key = tuple[str, bool, tuple[Concept, ...]]
"""A text, whether it stands in the place of ∅, and the learned words in it."""


@final
class TextCache:
    """Text to embedding, least recently used dropped first."""

    def __init__(self, family: Family) -> None:
        self._family = family
        parts = modules_of(family.pipeline).items()
        self._rest = at_rest([part for name, part in parts if name.startswith("text_encoder")])
        self._kept: OrderedDict[Key, TextEmbedding] = OrderedDict()

    def get(
        self, texts: Sequence[str], empty: Sequence[bool], concepts: Sequence[Sequence[Concept]]
    ) -> list[TextEmbedding]:
        """Embeddings of texts; each distinct one is encoded once.

        Args:
            texts: concepts.
            empty: of each, whether it stands in the place of ∅.
            concepts: of each, learned words that it may say.

        Raises:
            ValueError: a text is longer than the text encoder reads.
        """
        keys = [(t, e, all_in(t, c)) for t, e, c in zip(texts, empty, concepts, strict=True)]
        found = {key: self._one(key) for key in dict.fromkeys(keys)}
        return [found[key] for key in keys]

    def learning(self, text: str, concept: Concept, vectors: Mapping[str, Tensor]) -> TextEmbedding:
        """A text that says a word which is being learned, so far as its vectors: gradients flow to those."""
        with self._rest():
            return encode(self._family, text, (concept,), vectors=vectors)

    def _one(self, key: Key) -> TextEmbedding:
        if key not in self._kept:
            # Where networks take turns on the device, a job that was cancelled has left one there.
            send_home(self._family.pipeline)
            with torch.no_grad(), self._rest():
                self._kept[key] = encode(self._family, key[0], key[2], empty=key[1])
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
