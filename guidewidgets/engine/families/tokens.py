"""What the tokenizer of a text encoder makes of a concept: its tokens, and whether the encoder can read them all."""

from __future__ import annotations

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

    def __init__(self, tokenizer: Any, limit: int | None = None) -> None:
        self._tokenizer = tokenizer
        self.limit = int(tokenizer.model_max_length) if limit is None else limit

    def of(self, text: str) -> list[int]:
        """Ids of the tokens of `text`, with its begin and end marks, never cut."""
        with tokenizing:
            return list(self._tokenizer(text, truncation=False, verbose=False).input_ids)

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


def overhead(tokenizer: Any, before: str = "", *, system: str = "", enable_thinking: bool = False) -> int:
    """How many tokens the frame of a chat takes around what its user says.

    Args:
        tokenizer: with a chat template, or a processor that has one.
        before: text that is put before what the user says.
        system: what the system says first; then the answer is not begun.
        enable_thinking: passed on to the template.
    """
    said = [{"role": "user", "content": before}]
    if system:
        parts = {"system": system, "user": before}.items()
        said = [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in parts]
    with tokenizing:
        frame = tokenizer.apply_chat_template(
            said, tokenize=False, add_generation_prompt=not system, enable_thinking=enable_thinking
        )
        return len(words_of(tokenizer)(frame).input_ids)


def words_of(tokenizer: Any) -> Any:
    """The tokenizer of a processor, which reads pictures too; a tokenizer itself."""
    return getattr(tokenizer, "tokenizer", tokenizer)
