"""Generators that work in steps and return what they found."""

from __future__ import annotations


def returned(generator):
    """What a generator returns, run to its end."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value
