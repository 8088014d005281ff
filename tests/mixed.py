"""Cases of several parameters at once: every value at least once, and all combinations in `make prove`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from hypothesis import settings

# Where there is time for all examples, there is for all combinations.
WHOLE = settings.default.max_examples >= 10_000


def mixed(*values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Cases for `pytest.mark.parametrize`, of the values of each parameter.

    The values go round side by side, so that as many cases are made as the longest list has values; two parameters
    meet in all combinations if one has enough of them and their numbers have no common factor.
    """
    if WHOLE:
        return list(itertools.product(*values))
    return [tuple(one[i % len(one)] for one in values) for i in range(max(map(len, values)))]
