"""A concept: a word that was learned from pictures, as vectors that a text encoder reads in its place.

Textual inversion (Gal et al. 2022, arXiv 2208.01618). Files are those that diffusers' `load_textual_inversion` and
other programs take: safetensors with the vectors under the word, or, for models with several text encoders, under
"clip_l", "clip_g" and "t5".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.arguments import shown
from guidewidgets.tensors import MAX_BYTES, check_header, pack, unpack
from guidewidgets.untrusted import bad

MAX_TOKENS = 32  # that one word stands for
MAX_CONCEPTS = 64  # in one picture's prompt
MAX_WIDTH = 1 << 16
ENCODERS = MappingProxyType({"text_encoder": "clip_l", "text_encoder_2": "clip_g", "text_encoder_3": "t5"})
"""Text encoders of a pipeline, by name, and what files with several of them call each."""
JOINS = ("AND", "OR", "NOT")  # of the prompt language
NAMELESS = ("*", "emb_params")  # what A1111 calls all of them
_WORD = re.compile(r"<[\w-]{1,40}>|\w[\w-]{0,39}")


def check_word(word: object) -> str:
    """A word as prompts hold it.

    Raises:
        TypeError, ValueError: it is none; the message names it.
    """
    expected = "expected one word of letters, digits, hyphens and underscores, 40 at most, such as 'avocado'"
    if not isinstance(word, str):
        raise TypeError(f"word={shown(word)}: {expected}")
    if not _WORD.fullmatch(word):
        raise ValueError(f"word={shown(word)}: {expected}")
    if word in JOINS:
        raise ValueError(f"word={word!r} joins concepts in prompts: expected another word")
    return str(word)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """A learned word. Made by `gw.learn`, `s.learn` and `Concept.load`; never changed.

    Attributes:
        word: that stands for it in prompts, large or small letters alike.
        vectors: by the name of the pipeline's text encoder ("text_encoder", "text_encoder_2", ...), what that reads in
            the word's place: (k, D), float32 on the CPU, k tokens.
        hash: of the word and its vectors, 64 hex digits.
    """

    word: str
    vectors: Mapping[str, Tensor]
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError for what is no word, or no vectors."""
        object.__setattr__(self, "word", check_word(self.word))
        wrong = [name for name in self.vectors if name not in ENCODERS]
        if wrong or not self.vectors:
            message = f"vectors of {', '.join(map(repr, wrong)) or 'nothing'}: expected {', '.join(ENCODERS)}"
            raise ValueError(message)
        kept: dict[str, Tensor] = {}
        for name in sorted(self.vectors):
            given = self.vectors[name]
            if given.ndim != 2 or not (1 <= len(given) <= MAX_TOKENS and 1 <= given.shape[1] <= MAX_WIDTH):
                shape = f"{name}'s vectors of shape {tuple(given.shape)}"
                raise ValueError(f"{shape}: expected (k, D), k from 1 to {MAX_TOKENS}")
            kept[name] = given.detach().to("cpu", torch.float32).clone()
            if not torch.isfinite(kept[name]).all():
                raise ValueError(f"{name}'s vectors hold NaN or infinity: expected finite numbers")
        object.__setattr__(self, "vectors", MappingProxyType(kept))
        digest = hashlib.sha256(self.word.encode())
        for name, tensor in kept.items():
            digest.update(f"{name}{tuple(tensor.shape)}".encode())
            digest.update(tensor.numpy().tobytes())
        object.__setattr__(self, "hash", digest.hexdigest())

    def __eq__(self, other: object) -> bool:
        """Whether both are one word with the same vectors."""
        return isinstance(other, Concept) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(v)} × {v.shape[1]}" for v in self.vectors.values())
        return f"<Concept {self.word!r}: {sizes}>"

    def __reduce__(self) -> tuple[object, ...]:
        return Concept, (self.word, dict(self.vectors))

    @property
    def tokens(self) -> int:
        """How many tokens the word stands for, where that differs by encoder the most."""
        return max(map(len, self.vectors.values()))

    def pattern(self) -> re.Pattern[str]:
        """Finds the word in a text."""
        return re.compile(rf"(?<![\w-]){re.escape(self.word)}(?![\w-])", re.IGNORECASE)

    def is_in(self, text: str) -> bool:
        """Whether the text says the word."""
        return self.pattern().search(text) is not None

    def save(self, path: str | Path) -> Path:
        """Write a `.safetensors` file that diffusers and other programs read; its path.

        diffusers takes that of a model with one text encoder in one call, and that of SDXL in one for each of its two.

        Raises:
            ValueError: another ending.
            OSError: it cannot be written.
        """
        file = Path(path).expanduser()
        if file.suffix != ".safetensors":
            raise ValueError(f"{file.name}: expected a name that ends in .safetensors")
        alone = len(self.vectors) == 1
        named = {self.word if alone else ENCODERS[name]: one for name, one in self.vectors.items()}
        file.write_bytes(pack(named, {"word": self.word, "encoders": ",".join(self.vectors)}))
        return file

    @classmethod
    def load(cls, path: str | Path, word: str | None = None) -> Concept:
        """Read a textual inversion: `.safetensors`, or a `.bin` or `.pt` that torch reads without running anything.

        Args:
            path: of the file.
            word: that stands for it; None: the one in the file, else the file's name.

        Raises:
            SessionFileError: it cannot be read, or is no textual inversion; one line says why.
            ValueError, TypeError: the word is none.
        """
        file = Path(path).expanduser()
        if not file.is_file():
            raise bad(f"{file.name}: no such file")
        if (size := file.stat().st_size) > MAX_BYTES:
            raise bad(f"{file.name} has {size:,} bytes: at most {MAX_BYTES:,} are read")
        said, tensors = _safetensors(file) if file.suffix == ".safetensors" else _pickled(file)
        vectors = {name: tensors[key] for name, key in ENCODERS.items() if key in tensors}
        if not vectors and len(tensors) == 1:
            ((key, one),) = tensors.items()
            said, vectors = said or key, {"text_encoder": one}
        if not vectors:
            some = ", ".join(map(repr, sorted(tensors)[:5]))
            raise bad(f"{file.name} is no textual inversion: it holds {some}")
        try:
            wide = {name: one[None] if one.ndim == 1 else one for name, one in vectors.items()}
            return cls(word or (said if said and said not in NAMELESS else _plain(file.stem)), wide)
        except (ValueError, TypeError, AttributeError) as error:
            if word is not None:
                check_word(word)
            raise bad(f"{file.name} is no textual inversion: {error}") from error


def _plain(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:40] or "concept"


def _safetensors(file: Path) -> tuple[str | None, dict[str, Any]]:
    data = file.read_bytes()
    tensors = unpack(data, file.name)
    about = check_header(data, file.name).get("__metadata__")
    word = about.get("word") if isinstance(about, dict) else None
    return word if isinstance(word, str) else None, dict(tensors)


def _pickled(file: Path) -> tuple[str | None, dict[str, Any]]:
    """What diffusers ({word: vectors}) and A1111 ({"string_to_param": {"*": vectors}, "name": word}) write."""
    try:
        found: Any = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever an odd file makes the reader say
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise bad(f"{file.name} holds nothing that can be read safely: {reason}") from error
    word = None
    if isinstance(found, dict) and isinstance(found.get("string_to_param"), dict):
        name = found.get("name")
        word, found = name if isinstance(name, str) else None, found["string_to_param"]
    if not isinstance(found, dict) or not found or not all(isinstance(v, Tensor) for v in found.values()):
        raise bad(f"{file.name} is no textual inversion: expected named tensors")
    return word, {str(key): value for key, value in found.items()}
