"""What the files of results claim."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import words_study, words_study_2
from benchmarks.timing import RESULTS

FILES = sorted(RESULTS.glob("*.json"))
SHARE = re.compile(r"-?[\d.]+ \[(-?[\d.]+), (-?[\d.]+)\]")
ITSELF = "pick_study/parts/points_of_the_picked_over_it"
"""There a way is compared with itself: in parts, what the prompt joins is its nouns."""


def intervals(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[float, float]]]:
    """All intervals below a value, with the names on the way to them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from intervals(inner, (*path, name))
    elif isinstance(value, list) and "interval" in path[-1] and len(value) == 2 and None not in value:
        yield "/".join(path), (value[0], value[1])
    elif isinstance(value, list):
        for inner in value:
            yield from intervals(inner, path)
    elif isinstance(value, str) and (found := SHARE.fullmatch(value)):
        yield "/".join(path), (float(found[1]), float(found[2]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_interval_is_without_width(file):
    """Nothing that was counted on a few prompts is certain, even where all came out alike."""
    found = [*intervals(json.loads(file.read_text())["figures"], (file.stem,))]
    certain = [path for path, (low, high) in found if low >= high]
    assert [path for path in certain if not re.fullmatch(ITSELF.replace("/", "/.*"), path)] == []


def test_the_means_of_words_are_those_of_their_nouns():
    first, second = (
        json.loads((RESULTS / f"{name}.json").read_text())["figures"]
        for name in ("words_study", "words_study_2")
    )
    assert words_study.figures_of(first["by noun"], first["cpu_seconds_a_word"]) == first
    assert words_study_2.figures_of(second["by noun"], first["by noun"]["learned"]) == second
