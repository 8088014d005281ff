"""A few hundred rubbish messages to every widget; the full count: benchmarks/prove_messages.py."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import pytest
from chatter import WIDGETS, chat

WAIT = 120


@pytest.mark.parametrize("name", WIDGETS)
def test_rubbish_is_refused_and_the_widget_lives_on(session, name):
    session.set(steps=1)
    session.sample(6).wait(WAIT)
    session.star(1)
    before, folder = {p.name for p in Path(tempfile.gettempdir()).iterdir()}, session.folder
    heard = chat(session, name, 400, random.Random(name))
    session.cancel()
    assert heard.refused > 20
    assert len(heard.reasons) > 5
    made = {p.name for p in Path(tempfile.gettempdir()).iterdir()} - before
    assert all(name.startswith("guidewidgets-") for name in made)  # sessions that were begun anew
    while session.view().jobs:
        time.sleep(0.01)
    session.take_up(folder)
    assert session[1].image is not None
