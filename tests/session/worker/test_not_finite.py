"""A picture that the autoencoder could not make is marked with the reason, and said; nothing is learned from it."""

from __future__ import annotations

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.session import Session
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.preference.dataset import PreferenceDataset
from guidewidgets.widgets.state import on_show, page_state

SECONDS = 120


@pytest.fixture
def spoilt(words, tmp_path):
    """A session whose autoencoder overflows for the second picture of three."""
    engine = Engine.load(tiny.stable_diffusion(words))

    def spoil(_module, _given, out):
        out = out.clone()
        out[1:2] = torch.nan
        return out

    engine.pipeline.vae.decoder.register_forward_hook(spoil)
    session = Session("a fox", model=engine, seed=0, store=tmp_path / "trip")
    session.set(steps=2)
    with pytest.warns(UserWarning, match="for picture 2 of 3"):
        session.sample(3).wait(SECONDS)
    yield session
    session.close()


def test_it_is_marked_and_said(spoilt):
    assert [c.filtered for c in spoilt.history[0]] == [Filtered.NO, Filtered.NOT_FINITE, Filtered.NO]
    assert "not finite" in spoilt[1].filtered.reason
    assert not any(spoilt[1].image.tobytes())
    assert any("for picture 2 of 3: try dtype='float32'" in notice.text for notice in spoilt.view().notices)


def test_it_is_never_counted_as_disliked(spoilt):
    spoilt.star(0)
    spoilt.reject(1)
    (batch,) = PreferenceDataset.of(spoilt._state).batches
    assert [c.id for c in batch] == [0, 2]


def test_files_keep_the_reason(spoilt, tmp_path):
    spoilt[1].save(tmp_path / "one.png")
    assert Candidate.load(tmp_path / "one.png").filtered is Filtered.NOT_FINITE
    spoilt.save(tmp_path / "trip.gw")
    again = Session.open(tmp_path / "trip.gw")
    assert [c.filtered for c in again.history[0]] == [Filtered.NO, Filtered.NOT_FINITE, Filtered.NO]
    again.close()


def test_the_page_says_why(spoilt):
    view = spoilt.view()
    show = on_show(view, {c.id: c for c in spoilt.history[0]})
    cells = page_state(spoilt, view, show, frozenset(), {})["cells"]
    assert [(cell["filtered"], "not finite" in cell["reason"]) for cell in cells] == [
        (False, False),
        (True, True),
        (False, False),
    ]
