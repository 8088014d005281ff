"""A CLIP tokenizer in which every word of the caption grammar is one token, other words are spelled out."""

from __future__ import annotations

import json
import string
from collections import Counter
from pathlib import Path
from typing import Final

from transformers import CLIPTokenizer

from training.world import captions

LENGTH: Final = 32  # tokens of a caption, with start and end
END: Final = "</w>"


def merges(words: list[str]) -> list[tuple[str, str]]:
    """Learn byte-pair merges until each of `words` is one piece: always the most frequent pair, ties by spelling."""
    pieces = [[*word[:-1], word[-1] + END] for word in words]
    learned: list[tuple[str, str]] = []
    while pairs := Counter(pair for word in pieces for pair in zip(word, word[1:], strict=False)):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        learned.append(best)
        pieces = [_merge(word, best) for word in pieces]
    return learned


def _merge(word: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for piece in word:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return out


def build(folder: Path) -> CLIPTokenizer:
    """Write the tokenizer of the whole world into `folder` and load it back.

    Args:
        folder: gets vocab.json, merges.txt and the files of `CLIPTokenizer.save_pretrained`.

    Returns:
        The tokenizer, `LENGTH` tokens long, padding with the end token as CLIP does.
    """
    learned = merges(captions.words())
    characters = string.ascii_lowercase + string.digits + string.punctuation
    vocabulary = [
        *characters,
        *(character + END for character in characters),
        *dict.fromkeys("".join(pair) for pair in learned),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    ids = {piece: i for i, piece in enumerate(vocabulary)}
    (folder / "vocab.json").write_text(json.dumps(ids))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *(f"{a} {b}" for a, b in learned)]) + "\n")
    tokenizer = CLIPTokenizer(
        vocab=ids,
        merges=learned,  # pyright: ignore[reportArgumentType]
        model_max_length=LENGTH,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def encode(tokenizer: CLIPTokenizer, texts: list[str]) -> list[list[int]]:
    """Return token ids, each padded and cut to `LENGTH`."""
    return tokenizer(texts, padding="max_length", max_length=LENGTH, truncation=True)["input_ids"]  # pyright: ignore
