"""What the tokenizer of a text encoder makes of a concept: its tokens, and whether the encoder can read them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from guidewidgets import forks
from guidewidgets.engine.check import check_readable

# A tokenizer keeps padding and truncation in itself between calls: counting tokens on one thread while the worker
# encodes on another gave embeddings of the wrong length.
tokenizing = forks.rlock()


@final
class Tokens:
    """Counts and checks.

    Attributes:
        limit: how many tokens the text encoder reads, begin and end marks included.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.limit = int(tokenizer.model_max_length)

    def of(self, text: str, *, marked: bool = True) -> list[int]:
        """Ids of the tokens of `text`, with its begin and end marks unless told otherwise, never cut."""
        with tokenizing:
            return list(
                self._tokenizer(text, truncation=False, add_special_tokens=marked, verbose=False).input_ids
            )

    @property
    def padded_left(self) -> bool:
        """Whether what is missing to a fixed length is put in front."""
        return self._tokenizer.padding_side == "left"

    def check(self, text: str, what: str = "concept") -> None:
        """Refuse a concept which the text encoder would silently cut, or of which it would read nothing.

        Raises:
            ValueError: it has too many tokens, no valid characters, or none that the tokenizer knows.
        """
        check_readable(what, text)
        tokens = self.of(text)
        if len(tokens) > self.limit:
            start = f"the {what} {text[:40]!r}… has {len(tokens)} tokens"
            remedy = "shorten it, or join parts with AND" if what == "concept" else "shorten it"
            message = f"{start}; this model reads {self.limit}: {remedy}"
            raise ValueError(message)
        with tokenizing:
            inner = self._tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        if inner and set(inner) == {self._tokenizer.unk_token_id}:
            message = f"the {what} {text[:40]!r} has nothing in it that this model's tokenizer can read"
            raise ValueError(message)


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """A concept as one tokenizer is given it.

    Attributes:
        tokens: of the tokenizer.
        text: the concept in its frame.
        first: row of the concept's states that belongs to the first token.
        rows: how many rows are this tokenizer's; None: all.
        marked: whether it puts its marks around the text.
    """

    tokens: Tokens
    text: str
    first: int = 0
    rows: int | None = None
    marked: bool = True


def chat(tokenizer: Any, text: str, *, system: str = "", enable_thinking: bool = False) -> str:
    """What a language model reads where its user says `text`.

    Args:
        tokenizer: with a chat template, or a processor that has one.
        text: of the user.
        system: what the system says first; then the answer is not begun.
        enable_thinking: passed on to the template.
    """
    said = [{"role": "user", "content": text}]
    if system:
        parts = {"system": system, "user": text}.items()
        said = [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in parts]
    with tokenizing:
        return tokenizer.apply_chat_template(
            said, tokenize=False, add_generation_prompt=not system, enable_thinking=enable_thinking
        )


def words_of(tokenizer: Any) -> Any:
    """The tokenizer of a processor, which reads pictures too; a tokenizer itself."""
    return getattr(tokenizer, "tokenizer", tokenizer)
