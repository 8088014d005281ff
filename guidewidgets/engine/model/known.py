"""The words that models of this process have learned, by the model's name: engines of one model share them."""

from __future__ import annotations

from collections.abc import Sequence

from guidewidgets import forks
from guidewidgets.concept import Concept

_known: dict[str, dict[str, Concept]] = {}
_guard = forks.lock()


def known(model: str) -> tuple[Concept, ...]:
    """Concepts of a model "id#revision", by word."""
    with _guard:
        found = _known.get(model, {})
        return tuple(found[word] for word in sorted(found))


def add(model: str, concept: Concept, *, replace: bool = True) -> None:
    """Make a word known; it means this from now on, unless it means something already and is not to be replaced."""
    with _guard:
        words = _known.setdefault(model, {})
        if replace or concept.word.lower() not in words:
            words[concept.word.lower()] = concept


def hand_on(before: str, now: str) -> None:
    """A model goes on under another name, as with an adapter, and knows what it knew."""
    with _guard:
        _known[now] = {**_known.get(before, {}), **_known.get(now, {})}


def all_in(text: str, concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """Those that a text says."""
    return tuple(one for one in concepts if one.is_in(text))
