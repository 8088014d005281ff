"""Counting a text's tokens for a click, while the worker encodes another."""

from __future__ import annotations

import threading

import pytest
import tiny

from guidewidgets.engine.families.detect import family_of


@pytest.mark.parametrize("make", [tiny.stable_diffusion, tiny.stable_diffusion_xl])
def test_texts_are_encoded_in_full_length_whoever_counts_meanwhile(make, tmp_path):
    family = family_of(make(tmp_path))
    over = threading.Event()

    def count():
        while not over.is_set():
            family.tokens.check("a fox")

    thread = threading.Thread(target=count)
    thread.start()
    try:
        lengths = {len(family.encode(f"{word} cat").states) for word in "abcdefghij" * 10}
    finally:
        over.set()
        thread.join()
    assert lengths == {24}
