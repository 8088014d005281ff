"""A few hundred rubbish messages to every widget; the full count: benchmarks/prove_messages.py."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from chatter import WIDGETS, chat

WAIT = 120


@pytest.mark.parametrize("name", WIDGETS)
def test_rubbish_is_refused_and_the_widget_lives_on(session, name):
    session.set(steps=1)
    session.sample(6).wait(WAIT)
    session.star(1)
    before = {p.name for p in Path(tempfile.gettempdir()).iterdir()}
    heard = chat(session, name, 400, random.Random(name))
    session.cancel()
    assert heard.refused > 20
    assert len(heard.reasons) > 5
    assert {p.name for p in Path(tempfile.gettempdir()).iterdir()} == before
    assert session[1].image is not None
