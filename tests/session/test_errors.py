"""Errors name value and remedy, and leave the session as it was."""

from __future__ import annotations

import pytest

from guidewidgets import Prompt, PromptError
from guidewidgets.session import Session

CASES = [
    (lambda s: s.sample(0), ValueError, "n=0: expected at least 1"),
    (lambda s: s.sample("12"), TypeError, "n='12': expected a whole number"),
    (lambda s: s.sample(True), TypeError, "n=True"),
    (
        lambda s: s.sample(1001),
        ValueError,
        r"n=1001: expected at most 1000; it would take about \d+ s and \d+ MB",
    ),
    (
        lambda s: s.sample(2, colour="red"),
        TypeError,
        "unknown setting colour: expected some of corrector, guidance",
    ),
    (lambda s: s.sample(2, seed=-1), ValueError, "seed=-1"),
    (lambda s: s.sample(2, prompt="a fox AND"), PromptError, "line 1, column 10"),
    (lambda s: s.sample(2, prompt=3), TypeError, "prompt=3: expected text or a Prompt"),
    (lambda s: s.sample(2, size=(7, 7)), ValueError, r"size=\(7, 7\)"),
    (lambda s: s.sample(2, prompt="a " * 40), ValueError, "this model reads 24"),
    (lambda s: s.star(99), IndexError, "no candidate 99: the numbers go from 0 to 11"),
    (lambda s: s.star(1, 99), IndexError, "no candidate 99"),
    (lambda s: s.star("1"), TypeError, "candidate '1': expected a whole number"),
    (lambda s: s[-1], IndexError, "no candidate -1"),
    (lambda s: s.cross(), ValueError, "no parents: star at least one image"),
    (lambda s: s.cross([]), ValueError, "expected at least one candidate number"),
    (lambda s: s.cross([1, 99]), IndexError, "no candidate 99"),
    (lambda s: s.cross(7), TypeError, "parents=7: expected a list"),
    (lambda s: s.cross([1, 2], cells=0), ValueError, "cells=0"),
    (lambda s: s.cross([1, 2], fresh=2), ValueError, "fresh=2"),
    (lambda s: s.cross([1, 2], n=0), ValueError, "n=0"),
    (lambda s: s.render([]), ValueError, "expected at least one"),
    (lambda s: setattr(s, "prompt", "NOT"), PromptError, "missing"),
    (lambda s: setattr(s, "steps", 0), ValueError, "steps=0"),
    (lambda s: setattr(s, "steps", 2000), ValueError, "steps=2000: expected a whole number from 1 to 1000"),
    (lambda s: setattr(s, "guidance", float("nan")), ValueError, "guidance=nan"),
    (
        lambda s: setattr(s, "sampler", "DDIM eta"),
        ValueError,
        "'DDIM eta': expected .* digits, hyphens and underscores",
    ),
    (lambda s: setattr(s, "sampler", "plms"), ValueError, "sampler='plms': expected one of bdia, ddim"),
    (lambda s: setattr(s, "size", (16,)), ValueError, "size="),
]


@pytest.mark.parametrize(("call", "kind", "says"), CASES)
def test_refused_before_anything_is_queued(made, call, kind, says):
    before = made.view()
    with pytest.raises(kind, match=says):
        call(made)
    after = made.view()
    assert (after.settings, after.generation, after.jobs) == (before.settings, before.generation, ())
    assert not made[1].starred


def test_the_session_goes_on(made):
    with pytest.raises(IndexError):
        made.star(99)
    assert len(made.sample(1, steps=1).wait(60)) == 1


def test_the_limit_can_be_lifted(session):
    job = session.sample(1001, steps=1, limit=None)
    assert len(job.slots) == 1001
    job.cancel()
    job.wait(60)


def test_a_candidate_that_is_not_there_is_told_why(session):
    session.sample(1, steps=1).wait(60)
    job = session.sample(2, steps=1000)
    with pytest.raises(IndexError, match="no candidate 1: it is not finished yet"):
        session[1]
    job.cancel()
    job.wait(60)
    session.sample(1, steps=1).wait(60)
    with pytest.raises(IndexError, match="no candidate 1: its job failed or was cancelled before"):
        session[1]
    with pytest.raises(IndexError, match="no candidate 4: the numbers go from 0 to 3"):
        session[4]


def test_unknown_arguments_of_a_session(engine, tmp_path):
    (tmp_path / "something").touch()
    with pytest.raises(TypeError, match="colour"):
        Session("a", model=engine, colour="red")
    with pytest.raises(ValueError, match="store="):
        Session("a", model=engine, store=tmp_path)
    with pytest.raises(ValueError, match="seed=-1"):
        Session("a", model=engine, seed=-1)
    with pytest.raises(PromptError):
        Session("AND", model=engine)


def test_parents_of_another_size_are_refused(made):
    made.sample(1, size=(24, 16), steps=1).wait(60)
    with pytest.raises(ValueError, match=r"candidates 0 and 12 differ in size: \(16, 16\) and \(24, 16\)"):
        made.cross([0, 12])


def test_a_literal_prompt_is_never_parsed(made):
    made.prompt = Prompt("black AND white")
    assert made.prompt.concepts()[0].text == "black AND white"


def test_words_the_model_has_never_read(engine, monkeypatch):
    from guidewidgets.engine.model.defaults import Vocabulary

    monkeypatch.setattr(engine, "vocabulary", Vocabulary(frozenset({"a", "fox"})))
    with pytest.warns(UserWarning, match="never read: wombat, tram"):
        session = Session("a wombat AND NOT a tram", model=engine)
    assert session.view().notices[-1].level == "warning"
    with pytest.warns(UserWarning, match="never read: emu"):
        session.prompt = "a fox AND a emu"
