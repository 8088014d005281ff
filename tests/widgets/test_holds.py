"""Marks of what the pictures hold, and their order by it."""

from __future__ import annotations

from guidewidgets.session.actions.verify import SURE, sign, summary
from guidewidgets.widgets.holds import badge, by_holds, short
from guidewidgets.widgets.state import on_show


def state(recorder) -> dict:
    recorder.idle()
    return recorder.kinds("state")[-1]["state"]


def cells(recorder) -> list[dict]:
    return state(recorder)["cells"]


def test_those_measured_have_a_mark_for_each_concept_as_the_prompt_has_them(recorder, session):
    session.prompt = "a fox AND a beach AND NOT a house"
    session.sample(4).wait()
    assert [cell["holds"] for cell in cells(recorder)] == [None] * 4
    assert state(recorder)["check"]
    assert recorder.ask("verify")["ok"]
    recorder.until(lambda: all(session[i].holds for i in range(4)))
    assert not state(recorder)["check"]
    for cell in cells(recorder):
        lifts = session[cell["slot"]].holds
        assert list(lifts) == ["a fox", "a beach", "NOT a house"]
        marks, words = cell["holds"]
        signs = [sign(lift) for lift in lifts.values()]
        assert [list(mark) for mark in marks] == [
            list(pair) for pair in zip(["fox", "beach", "no house"], signs, strict=True)
        ]
        assert f"a house ({lifts['NOT a house']:+.3f})" in words
    recorder.until(lambda: session.view().notices)
    (notice,) = session.view().notices
    assert notice.text.startswith("Checked 4 images: a fox ")
    assert "NOT a house" in notice.text
    session.prompt = "a hat"
    assert not session.view().notices  # it was about the other prompt
    assert recorder.ask("sort")["ok"]
    assert recorder.ask("sort")["ok"]
    assert [cell["slot"] for cell in cells(recorder)] == [0, 1, 2, 3]


def test_to_check_is_offered_where_more_than_one_thing_was_asked_for(recorder, session):
    for prompt, offered in (("a fox", False), ("a fox AND NOT a house", True)):
        session.prompt = prompt
        session.sample(1).wait()
        assert state(recorder)["check"] is offered


def test_what_is_near_to_nothing_is_told_as_unknown():
    assert "".join(sign(lift) for lift in (0.031, SURE, 0.004, 0.0, -0.014, -SURE, -0.2)) == "✓✓???✗✗"
    assert [short(name) for name in ("a fox", "NOT an owl", "the very long name of a thing")] == [
        "fox",
        "no owl",
        "very long name …",
    ]
    assert summary([]) == ""
    assert "2 images: a fox 1 ✓ 1 ✗, NOT a hat 2 ?" in summary(
        [{"a fox": 0.1, "NOT a hat": 0.0}, {"a fox": -0.1, "NOT a hat": 0.01}]
    )


def test_a_doubt_is_never_above_a_clear_yes_and_a_lack_is_last(session):
    session.sample(5).wait()
    told = [{"x": 0.9, "y": 0.01}, {"x": 0.9, "y": -0.3}, {"x": 0.03, "y": 0.03}, {}, {"x": -0.1, "y": -0.1}]
    for one, lifts in zip(session.history[-1], told, strict=True):
        one.verified(lifts)
    assert by_holds(on_show(session.view(), {})).slots == (2, 0, 1, 4, 3)
    assert badge(session[3]) is None


def test_those_not_measured_come_last_as_they_were_made(recorder, session):
    session.sample(3).wait()
    session.verify(2)
    recorder.ask("sort")
    assert [cell["slot"] for cell in cells(recorder)] == [2, 0, 1]
    session.sample(2, of=3).wait()  # best first already, and known without being asked
    assert [(cell["slot"], cell["holds"] is None) for cell in cells(recorder)] == [(3, False), (4, False)]
