"""Settings of other programs' pictures: every form right, or told what is missing; nothing is emptied."""

from __future__ import annotations

import pytest
from programs_written import samples

from guidewidgets.prompt import Prompt
from guidewidgets.session import Session
from guidewidgets.session.picture import containers, foreign

SAMPLES = samples()


def read(made):
    return foreign.read(containers.read(made.data, "theirs"), made.data)


def as_asked(asked, producer):
    """The prompt that somebody asked for, in our words."""
    text = " ".join(asked.prompt.split())
    return Prompt.parse(text, "a1111") if producer == "A1111" else Prompt(text)


def test_there_are_enough_of_them():
    assert len(SAMPLES) >= 200
    assert len({s.name for s in SAMPLES}) == len(SAMPLES)
    assert {s.made.suffix for s in SAMPLES} == {".png", ".jpg", ".webp", ".avif"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_right_or_told(sample):
    asked, found = sample.asked, read(sample.made)
    assert found is not None
    assert found.producer.startswith(sample.producer)
    told = "; ".join(found.missing)
    expected = {"steps": asked.steps, "guidance": asked.guidance, "size": asked.size}
    expected["negative"] = " ".join((asked.negative or "").split())
    for name, value in expected.items():
        if value:
            assert found.settings[name] == value
        else:
            assert name not in found.settings
    if asked.prompt and len(asked.prompt) <= foreign.MAX_PROMPT:
        assert found.settings["prompt"] == as_asked(asked, sample.producer)
    else:
        assert "prompt" not in found.settings
        assert "the prompt (" in told
    assert all(word in told for word in asked.told), told
    assert "seed 42" in told


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_the_users_own_stays(sample, session, tmp_path):
    path = tmp_path / f"theirs{sample.made.suffix}"
    path.write_bytes(sample.made.data)
    before = session._state.settings
    assert session.restore(path) is None
    after, found = session._state.settings, read(sample.made)
    notice = session.view().notices[-1].text
    for name in ("prompt", "negative", "steps", "guidance", "sampler", "size"):
        now = getattr(after, name)
        if name in found.settings and now == found.settings[name]:
            continue
        assert now == getattr(before, name)
        words = {"prompt": "prompt (", "negative": "negative"}.get(
            name, name
        )  # also what this model cannot read
        assert words in notice, (name, notice)
    assert str(after.prompt)
    assert after.negative
    assert len(notice) < 2500
    session.sample(1)  # what was taken over can be used
    session.cancel()


@pytest.fixture(scope="module")
def shared(engine):
    return Session("a cat", model=engine)


@pytest.fixture
def session(shared):
    shared.set(prompt="a cat", negative="mine", steps=2, guidance=3, size=(16, 16))
    return shared
