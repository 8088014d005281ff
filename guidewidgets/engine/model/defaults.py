"""What a small model can read and how it likes to be run, from the `vocabulary.json` beside it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known words (None: any text is read) and default settings of a model."""

    words: frozenset[str] | None = None
    steps: int = 20
    guidance: float = 7.5

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
        return cls(
            frozenset(str(word).lower() for word in data["words"]),
            int(defaults.get("steps", cls.steps)),
            float(defaults.get("guidance", cls.guidance)),
        )

    def unknown(self, text: str) -> list[str]:
        """Words of `text` the model has never read, in order, each once."""
        if self.words is None:
            return []
        seen = dict.fromkeys(word.lower() for word in WORD.findall(text))
        return [word for word in seen if word not in self.words]
