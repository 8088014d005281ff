"""Encoded concepts, kept: a grid asks for the same few texts at every step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import final

import torch

from guidewidgets.engine.families.base import Family, TextEmbedding
from guidewidgets.engine.model.guest import at_rest, send_home
from guidewidgets.engine.weights import modules_of

KEPT = 256


@final
class TextCache:
    """Text to embedding, least recently used dropped first."""

    def __init__(self, family: Family) -> None:
        self._family = family
        parts = modules_of(family.pipeline).items()
        self._rest = at_rest([part for name, part in parts if name.startswith("text_encoder")])
        self._kept: OrderedDict[tuple[str, bool], TextEmbedding] = OrderedDict()

    def get(self, texts: Sequence[str], empty: Sequence[bool]) -> list[TextEmbedding]:
        """Embeddings of texts; each distinct one is encoded once.

        Args:
            texts: concepts.
            empty: of each, whether it stands in the place of ∅.

        Raises:
            ValueError: a text is longer than the text encoder reads.
        """
        keys = list(zip(texts, empty, strict=True))
        found = {key: self._one(key) for key in dict.fromkeys(keys)}
        return [found[key] for key in keys]

    def _one(self, key: tuple[str, bool]) -> TextEmbedding:
        if key not in self._kept:
            # Where networks take turns on the device, a job that was cancelled has left one there.
            send_home(self._family.pipeline)
            with torch.no_grad(), self._rest():
                self._kept[key] = self._family.encode(key[0], empty=key[1])
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
