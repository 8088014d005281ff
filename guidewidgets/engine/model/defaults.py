"""What a small model can read and how it likes to be run, from the `vocabulary.json` beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("nouns", "colours", "places", "styles", "sizes", "relations")
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known words (None: any text is read), default settings, and the words by kind, such as "nouns", of a model.

    `sampler` is its own: the name, and the steps that are enough with it. None is the one that its scheduler names.
    """

    words: frozenset[str] | None = None
    steps: int = 20
    guidance: float = 7.5
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    sampler: tuple[str, int] | None = None

    def steps_with(self, sampler: str) -> int:
        """Default steps with a sampler."""
        return self.sampler[1] if self.sampler and self.sampler[0] == sampler else self.steps

    @classmethod
    def beside(cls, folder: Path | None, own: tuple[int, float] = (20, 7.5)) -> Vocabulary:
        """Read a model folder's `vocabulary.json`; a model without one reads any text.

        Args:
            folder: of the model.
            own: steps and guidance, unless the file says otherwise.
        """
        path = folder and folder / "vocabulary.json"
        if path is None or not path.is_file():
            return cls(None, *own)
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        defaults: dict[str, Any] = data.get("defaults", {})
        sampler = defaults.get("sampler")
        return cls(
            frozenset(str(word).lower() for word in data["words"]),
            int(defaults.get("steps", cls.steps)),
            float(defaults.get("guidance", cls.guidance)),
            # What only classifiers have seen is no word of the model's.
            {kind: _known(data[kind], data["words"]) for kind in KINDS if kind in data},
            (str(sampler["name"]), int(sampler["steps"])) if sampler else None,
        )

    def unknown(self, text: str) -> list[str]:
        """Words of `text` the model has never read, in order, each once."""
        if self.words is None:
            return []
        seen = dict.fromkeys(word.lower() for word in WORD.findall(text))
        return [word for word in seen if word not in self.words]


def _known(listed: Any, words: Sequence[str]) -> list[str]:
    """Those single words of a kind that prompts may hold; a dict has the ways to say each."""
    given = (
        [*listed, *(way for ways in listed.values() for way in ways)] if isinstance(listed, dict) else listed
    )
    return [word for word in dict.fromkeys(map(str, given)) if word in words]
