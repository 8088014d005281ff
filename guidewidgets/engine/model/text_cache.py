"""Encoded concepts, kept: a grid asks for the same few texts at every step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import final

import torch

from guidewidgets.engine.families.base import Family, TextEmbedding
from guidewidgets.engine.model.guest import at_rest
from guidewidgets.engine.weights import modules_of

KEPT = 256


@final
class TextCache:
    """Text to embedding, least recently used dropped first."""

    def __init__(self, family: Family) -> None:
        self._family = family
        parts = modules_of(family.pipeline).items()
        self._rest = at_rest([part for name, part in parts if name.startswith("text_encoder")])
        self._kept: OrderedDict[str, TextEmbedding] = OrderedDict()

    def get(self, texts: Sequence[str]) -> list[TextEmbedding]:
        """Embeddings of texts; each distinct one is encoded once.

        Raises:
            ValueError: a text is longer than the text encoder reads.
        """
        found = {text: self._one(text) for text in dict.fromkeys(texts)}
        return [found[text] for text in texts]

    def _one(self, text: str) -> TextEmbedding:
        if text not in self._kept:
            with torch.no_grad(), self._rest():
                self._kept[text] = self._family.encode(text)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(text)
        return self._kept[text]
