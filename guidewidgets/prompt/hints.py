"""What reads as plain text in a prompt, but was perhaps meant as language: said, never changed."""

from __future__ import annotations

import re

from guidewidgets.prompt.nodes import Literal, Prompt

_NEGATION = re.compile(r"(?:\b(?:and|or|but)\s+|\A)not\b", re.IGNORECASE)


def hints(prompt: Prompt) -> list[str]:
    """Doubts about a prompt's texts, one line each.

    Args:
        prompt: whose concepts stand in the order they were written in.
    """
    texts = [node.text for node in prompt.walk() if isinstance(node, Literal)]
    found: list[str] = []
    opened = next((i for i, text in enumerate(texts) if _balance(text) > 0), len(texts))
    if any(_balance(text) < 0 for text in texts[opened + 1 :]):
        found.append(
            "parentheses are text and group nothing, here across an operator; braces do, as in "
            "a fox AND {a beach OR a forest}"
        )
    words = [match[0] for text in texts if (match := _NEGATION.search(text)) and not match[0].isupper()]
    if words:
        found.append(
            f"{words[0]!r} is text like any other: operators are written in capitals, as in a fox AND NOT a house"
        )
    return found


def _balance(text: str) -> int:
    return text.count("(") - text.count(")")
