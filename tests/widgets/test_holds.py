"""Badges of what the pictures hold, and their order by it."""

from __future__ import annotations

from guidewidgets.guide.repair import HELD
from guidewidgets.widgets.holds import SURE, sign


def cells(recorder) -> list[dict]:
    recorder.idle()
    return recorder.kinds("state")[-1]["state"]["cells"]


def test_those_measured_have_a_sign_for_each_concept_and_go_in_their_order(recorder, session):
    session.prompt = "a fox AND a hat"
    session.sample(4).wait()
    assert [cell["holds"] for cell in cells(recorder)] == [None] * 4
    assert recorder.ask("verify")["ok"]
    recorder.until(lambda: all(session[i].holds for i in range(4)))
    for cell in cells(recorder):
        lifts = session[cell["slot"]].holds
        signs, words = cell["holds"]
        assert signs == "".join(sign(lift) for lift in lifts.values())
        assert f"a hat ({lifts['a hat']:+.3f})" in words
    least = {i: min(session[i].holds.values()) for i in range(4)}
    assert recorder.ask("sort")["ok"]
    assert [cell["slot"] for cell in cells(recorder)] == sorted(least, key=lambda i: -least[i])
    assert recorder.kinds("state")[-1]["state"]["sorted"]
    assert recorder.ask("sort")["ok"]
    assert [cell["slot"] for cell in cells(recorder)] == [0, 1, 2, 3]


def test_what_is_near_to_nothing_is_told_as_unknown():
    assert SURE == HELD
    assert "".join(sign(lift) for lift in (0.031, SURE, 0.004, 0.0, -0.014, -SURE, -0.2)) == "✓✓???✗✗"


def test_those_not_measured_come_last_as_they_were_made(recorder, session):
    session.sample(3).wait()
    session.verify(2)
    recorder.ask("sort")
    assert [cell["slot"] for cell in cells(recorder)] == [2, 0, 1]
    session.sample(2, of=3).wait()  # best first already, and known without being asked
    assert [(cell["slot"], cell["holds"] is None) for cell in cells(recorder)] == [(3, False), (4, False)]
