r"""Prompts written for other programs.

`a1111`: AUTOMATIC1111's web UI and those that follow it. The word `AND`, in capitals, separates concepts wherever it
stands; a colon and a number at the end of a concept are its weight, with or without a space before: "aspect ratio 16:9"
weighs nine there, and so it does here, with a warning, since that is how its picture was made. There are no groups, no
NOT (a weight may be negative) and no escapes; brackets stay text.

`diffusers`: the community pipeline `composable_stable_diffusion`, concepts separated by `|`. Its weights are a text of
their own, absolute where ours are relative to the guidance scale; see `from_diffusers`.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence

from guidewidgets.prompt.joins import And
from guidewidgets.prompt.nodes import Prompt
from guidewidgets.prompt.text import PromptError

COMPATS = ("a1111", "diffusers")
_AND = re.compile(r"\bAND\b")
# Matched from the back, so that a long text costs one look.
_WEIGHT_AT_END = re.compile(r"(\s*+):\s*+([-+]?(?:\d++\.?+\d*+|\.\d++))\s*+\Z")
_LONGEST_WEIGHT = 400  # characters that a weight and the spaces around it may take


def read(text: str, compat: str) -> Prompt:
    """Read a prompt of another program.

    Args:
        text: the prompt.
        compat: "a1111" or "diffusers".

    Raises:
        ValueError: there is no such language.
        PromptError: the text cannot be expressed in ours.
    """
    if compat == "a1111":
        return from_a1111(text)
    if compat == "diffusers":
        return from_diffusers(text)
    raise ValueError(f"compat={compat!r}: expected None or one of {', '.join(COMPATS)}")


def from_a1111(text: str) -> Prompt:
    """AUTOMATIC1111's `a cat :1.2 AND a dog AND fog:-1`.

    Empty concepts, as of an AND at the end, are left out: there they are asked for and change nothing.

    Raises:
        PromptError: a weight is too large.
    """
    terms: list[Prompt] = []
    start = 0
    for piece in _AND.split(text):
        position, start = start, start + len(piece) + len("AND")
        concept, weight = piece, 1.0
        window = max(0, len(piece) - _LONGEST_WEIGHT)
        if found := _WEIGHT_AT_END.search(piece, window):
            concept, weight = piece[: found.start()], float(found[2])
            if not math.isfinite(weight):
                raise PromptError(f"the weight {found[2][:20]} is too large", text, position + found.start(2))
            if not found[1] and concept[-1:].isdigit():
                warnings.warn(
                    f"{(concept + ':' + found[2])[-24:]!r} ends in a weight of {found[2]} for AUTOMATIC1111",
                    stacklevel=3,
                )
        concept = " ".join(concept.split())
        if concept:
            terms.append(Prompt(concept) if weight == 1 else Prompt(concept) * weight)
    return _joined(terms)


def from_diffusers(
    prompt: str, weights: str | Sequence[float] | None = None, guidance_scale: float = 7.5
) -> Prompt:
    """The community pipeline's `"a cat | a dog"` with its weights `"7.5 | -7.5"`.

    Args:
        prompt: concepts separated by `|`.
        weights: absolute, one for each concept, as that pipeline's text or as numbers; None: all equal the guidance.
            Without a `|` in the prompt they are not looked at, as in that pipeline.
        guidance_scale: to render with; the weights become relative to it.

    Raises:
        PromptError: the numbers of concepts and weights differ, or a weight is none.
        ValueError: the guidance scale is not above 0.
    """
    if not guidance_scale > 0 or not math.isfinite(guidance_scale):
        raise ValueError(
            f"guidance_scale={guidance_scale!r}: expected a number above 0, which weights are relative to"
        )
    pieces = [" ".join(piece.split()) for piece in prompt.split("|")]
    if weights is None or len(pieces) == 1:
        relative = [1.0] * len(pieces)
    else:
        parts = weights.split("|") if isinstance(weights, str) else list(weights)
        if len(parts) != len(pieces):
            raise PromptError(f"{len(parts)} weights for {len(pieces)} concepts: expected one for each")
        relative = [_weight(part) / guidance_scale for part in parts]
    terms = [
        Prompt(piece) if weight == 1 else Prompt(piece) * weight
        for piece, weight in zip(pieces, relative, strict=True)
        if piece
    ]
    return _joined(terms)


def _weight(part: str | float) -> float:
    try:
        weight = float(part)
    except (TypeError, ValueError):
        raise PromptError(f"{part!r:.40} is no weight: expected a number") from None
    if not math.isfinite(weight):
        raise PromptError(f"a weight is a finite number, got {weight}")
    return weight


def _joined(terms: list[Prompt]) -> Prompt:
    if not terms:
        return Prompt("")
    return terms[0] if len(terms) == 1 else And(*terms)
