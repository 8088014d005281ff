"""Texts with learned words in them, as a pipeline's own text encoders read them.

A learned word is k vectors that no token has. So tokens that the text lacks stand in its place, and while the pipeline
encodes the text, what its encoders look up for those is the word's own vectors. Nothing of the pipeline is changed: a
hook on the table of vectors does it, for this thread, as long as the text is encoded.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from guidewidgets.concept import ENCODERS, Concept
from guidewidgets.engine.families.base import Family, TextEmbedding
from guidewidgets.engine.families.tokens import Tokens, tokenizing, words_of
from guidewidgets.engine.weights import unwrapped

STAND_INS = "qxzjkvwy74938652bhpgfdnmcurlt"
"""Words of one letter that texts seldom hold and tokenizers know as one token."""


def tables(family: Family) -> dict[str, nn.Module]:
    """Where each text encoder of a family's pipeline looks up the vectors of tokens, by the encoder's name."""
    found: dict[str, nn.Module] = {}
    for name in ENCODERS:
        encoder: Any = getattr(family.pipeline, name, None)
        if isinstance(encoder, nn.Module):
            encoder = unwrapped(encoder)
            stack: Any = getattr(
                encoder, "encoder", None
            )  # T5's has a table of its own, tied to the one that is named
            owner = next((one for one in (stack, encoder) if hasattr(one, "get_input_embeddings")), None)
            if owner is not None:
                found[name] = owner.get_input_embeddings()
    return found


def width(table: nn.Module) -> int:
    """D of the vectors in a table."""
    inside: Any = table
    return int(getattr(inside, "embedding_dim", 0) or inside.weight.shape[-1])


def check_fits(family: Family, concept: Concept) -> None:
    """Refuse a concept whose vectors these text encoders cannot read.

    Raises:
        ValueError: the message names the encoder.
    """
    found = tables(family)
    theirs = {name: vectors.shape[1] for name, vectors in concept.vectors.items()}
    ours = {name: width(table) for name, table in found.items()}
    if theirs != ours:
        said = ", ".join(f"{name} of {n}" for name, n in theirs.items())
        expected = ", ".join(f"{name} of {n}" for name, n in ours.items()) or "no text encoder"
        raise ValueError(f"the concept {concept.word!r} has vectors for {said}: this model has {expected}")


@dataclass(frozen=True, slots=True)
class StandIn:
    """What stands for a word in a text.

    Attributes:
        vectors: by encoder.
        ids: tokens that stand for it, by encoder.
    """

    vectors: Mapping[str, Tensor]
    ids: Mapping[str, Sequence[int]]


def written(family: Family, text: str, concepts: Sequence[Concept]) -> str:
    """The text with stand-ins for its learned words, which a tokenizer counts as it will be read."""
    return _written(family, text, concepts)[0]


def _written(family: Family, text: str, concepts: Sequence[Concept]) -> tuple[str, list[StandIn]]:
    """The text, and what stands for what in it. Raises ValueError where nothing can stand for a word."""
    tokenizers = {name: _tokens(family, name) for name in tables(family)}
    found: list[StandIn] = []
    for concept in concepts:
        times = len(concept.pattern().findall(text))
        for word, joint, ids in _candidates(tokenizers):
            said = concept.pattern().sub(joint.join([word] * concept.tokens), text)
            if all(
                _count(family, tokens, said, ids[n]) == times * concept.tokens
                for n, tokens in tokenizers.items()
            ):
                text = said
                found.append(StandIn(concept.vectors, ids))
                break
        else:
            raise ValueError(
                f"this model's tokenizer has nothing that can stand for {concept.word!r} in {text[:60]!r}"
            )
    return text, found


def _tokens(family: Family, encoder: str) -> Tokens:
    return Tokens(words_of(getattr(family.pipeline, encoder.replace("text_encoder", "tokenizer"))))


def _candidates(tokenizers: dict[str, Tokens]) -> Iterator[tuple[str, str, dict[str, list[int]]]]:
    """Words of one token for all encoders, what joins two of them, and their ids: first in a text, and later."""
    for joint, word in itertools.product((" ", ""), STAND_INS):
        ids: dict[str, list[int]] = {}
        for name, tokens in tokenizers.items():
            alone, two = (tokens.of(text, marked=False) for text in (word, f"{word}{joint}{word}"))
            if len(alone) != 1 or len(two) != 2:
                break
            ids[name] = sorted({*alone, *two})
        else:
            yield word, joint, ids


def _count(family: Family, tokens: Tokens, said: str, ids: list[int]) -> int:
    """How many of some tokens are in a text, its frame included."""
    return sum(token in ids for token in tokens.of(family.framed(said)))


@contextmanager
def _read(family: Family, stand_ins: Sequence[StandIn]) -> Generator[None]:
    """While it lasts, this thread's encoders read vectors where the stand-ins stand."""
    mine = threading.get_ident()

    def hook_of(name: str) -> Any:
        def hook(_module: nn.Module, given: tuple[Any, ...], answer: Tensor) -> Tensor | None:
            if threading.get_ident() != mine or not given or not isinstance(given[0], Tensor):
                return None
            for one in stand_ins:
                places = torch.isin(given[0], torch.tensor([*one.ids[name]], device=given[0].device))
                vectors = one.vectors[name].to(answer)
                rows, rest = divmod(int(places.sum()), max(1, len(vectors)))
                if rest:
                    raise ValueError("a learned word was cut by the tokenizer: shorten the concept")
                answer = answer.masked_scatter(places[..., None], vectors.repeat(rows, 1))
            return answer

        return hook

    with ExitStack() as stack:
        for name, table in tables(family).items():
            stack.callback(table.register_forward_hook(hook_of(name)).remove)
        yield


def encode(
    family: Family,
    text: str,
    concepts: Sequence[Concept],
    *,
    empty: bool = False,
    vectors: Mapping[str, Tensor] | None = None,
) -> TextEmbedding:
    """A text as the network reads it, its learned words included. Raises as `Family.encode`.

    Args:
        family: of the model.
        text: the concept.
        concepts: learned words that it says.
        empty: see `Family.encode`.
        vectors: in place of those of the first concept, which may be on their way: gradients flow.
    """
    if not concepts:
        return family.encode(text, empty=empty)
    with tokenizing:
        said, stand_ins = _written(family, text, concepts)
        if vectors is not None:
            stand_ins[0] = replace(stand_ins[0], vectors=vectors)
        with _read(family, stand_ins):
            return family.encode(said, empty=empty)
