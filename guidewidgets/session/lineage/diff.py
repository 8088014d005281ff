"""What changed from one candidate to another: settings, words of the prompt, noise."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guidewidgets.genome import Genome
from guidewidgets.session.candidate import Candidate

WORDS = re.compile(r"\s+|[^\s]+")
MOST_WORDS = 2_000
QUIET = ("version", "revision", "noise_seed")
PLACES = {"points": "spots", "box": "a box", "polygon": "a polygon", "bitmap": "what was painted"}
"""What people call the kinds of regions."""


@dataclass(frozen=True, slots=True)
class Difference:
    """From one candidate to another.

    Attributes:
        settings: name → (before, after), of the settings that differ; the prompt is not among them.
        prompt: pieces of both prompts in order: ("same" | "gone" | "new", text); empty where they are equal.
        noise: share of the places of the latent that hold the same noise, in [0, 1]; None where the sizes differ.
    """

    settings: Mapping[str, tuple[Any, Any]]
    prompt: tuple[tuple[str, str], ...]
    noise: float | None


def between(before: Candidate, after: Candidate) -> Difference:
    """What is different in the second. Raises SessionFileError where a file is damaged."""
    one, other = before.genome, after.genome
    mine, theirs = one.settings(), other.settings()
    changed = {
        name: (mine.get(name), theirs.get(name))
        for name in dict.fromkeys([*mine, *theirs])
        if mine.get(name) != theirs.get(name) and name not in ("prompt", *QUIET)
    }
    if "anchor" in changed:
        changed["anchor"] = (_held(one), _held(other))
    if one.latent.shape == other.latent.shape:
        noise = float((one.latent == other.latent).all(dim=0).double().mean())
    else:
        noise = None
    return Difference(changed, words(str(one.prompt), str(other.prompt)), noise)


def _held(genome: Genome) -> str | None:
    """Its anchor in words, as neither a whole hash nor a list of points tells anybody anything."""
    if (anchor := genome.anchor) is None:
        return None
    return f"{anchor.hash[:12]}, all but {PLACES[anchor.region.to_json()['kind']]}"


def words(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Two texts as what stayed, went and came, word by word; empty where they are equal."""
    if before == after:
        return ()
    one, other = WORDS.findall(before), WORDS.findall(after)
    if max(len(one), len(other)) > MOST_WORDS:  # the search for what they share is quadratic
        return (("gone", before), ("new", after))
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(one[a:b])))
            continue
        pieces += [(k, "".join(w)) for k, w in (("gone", one[a:b]), ("new", other[c:d])) if w]
    return tuple(pieces)
